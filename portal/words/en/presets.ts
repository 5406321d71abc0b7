import { counting } from "../counted.ts"

const counted = counting("en")

export const presets = {
  title: "Presets",
  about: "Sender names of the installation, granted to workspaces. A preset is never changed: make another one.",
  label: "Preset",
  grantedTo: "Granted to",
  nobody: "no workspace",
  workspaces: counted({ one: "# workspace", other: "# workspaces" }),
  none: "No presets yet",
  noneHelp: "A preset is a sender name that several workspaces may share, such as a name known to the whole country.",
  new: "New preset",
  newHelp: "Nobody can use it before it is granted to a workspace.",
  make: "Make it",
  madeHelp: "Who grants what somebody else made approves it with that. Your own waits for the workspace's decision.",
  grant: "Grant",
  grantTo: "Grant it to",
  everybody: "Every workspace has it.",
  revoke: "Take back",
  revokeHelp: "Nothing more is submitted with it there; what was submitted goes on.",
  revokeNow: "Take it back now",
  archive: "Archive",
  archiveHelp: counted({
    one: "It is taken back from # workspace, for good.",
    other: "It is taken back from # workspaces, for good."
  }),
  archiveNow: "Archive it for good",
  archived: "Archived",
  inUse: "In use"
}
