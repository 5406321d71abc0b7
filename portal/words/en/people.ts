import { counting } from "../counted.ts"

const counted = counting("en")

export const people = {
  title: "People",
  help: "Everybody who has an account on this installation, in whatever workspace or none.",
  name: "Name",
  email: "E-mail",
  standing: "Account",
  active: "Active",
  disabled: "Disabled",
  superAdmin: "Super admin",
  since: "Since",
  yourself: "you",
  new: "New account",
  newHelp: "For who is to be the first admin of a workspace. Others are better invited by the admins of theirs.",
  newNext: "They choose their password themselves: by “Forgot your password?” on the page of sign-in.",
  make: "Make the account",
  said: {
    made: "The account is there. Tell them to choose a password: by “Forgot your password?” on the page of sign-in.",
    disabled: "The account is disabled, and all its sessions have ended.",
    enabled: "The account is enabled again.",
    promoted: "They are a super admin now.",
    demoted: "They are no longer a super admin."
  },
  workspaces: "Workspaces",
  nowhere: "In no workspace.",
  ownAccount: "Nobody changes this for themselves. Ask another super admin.",
  access: "Access",
  disable: "Disable the account",
  disableHelp: "Their sessions end at once and they can't sign in. What they did stays, with their name.",
  reason: "Why",
  reasonHelp: "Kept in the audit of the installation.",
  disableNow: "Disable it now",
  enable: "Enable the account again",
  promote: "Make them a super admin",
  promoteHelp: "They see all workspaces, can enter each, and manage people, channels and presets.",
  promoteNow: "Make them one now",
  demote: "Take the super admin's role away",
  demoteHelp: "They keep what they are in their workspaces, and leave those that they have entered.",
  demoteNow: "Take it away now",

  newWorkspace: "New workspace",
  newWorkspaceHelp: "A department or client, with its own senders, campaigns, members and audit.",
  admin: "Its first admin",
  adminHelp: "Somebody with an account. They invite the others and set the rest.",
  makeWorkspace: "Make the workspace",
  manage: "Workspaces",
  manageHelp: "Made here, and archived where nothing is sent any more. What runs in each is in Master.",
  workspaceMade: "The workspace is there, and its admin can sign in to it.",
  workspaceArchived: "The workspace is archived. It can be restored in the archive.",
  workspace: "Workspace",
  members: "Members",
  unfinished: "Waiting or running",
  archive: "Archive",
  archiveHelp: counted({
    one: "Nobody acts in it any more, and its # member can't open it. Everything in it stays, and it can be restored.",
    other:
      "Nobody acts in it any more, and its # members can't open it. Everything in it stays, and it can be restored."
  }),
  archiveNow: "Archive it now",
  busy: counted({
    one: "# campaign waits or runs: it has to be stopped or to end first.",
    other: "# campaigns wait or run: they have to be stopped or to end first."
  }),
  none: "There is no workspace yet",
  noneHelp: "Make one for each department. It needs a name and somebody who is its first admin."
}
