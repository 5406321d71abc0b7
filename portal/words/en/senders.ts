import { counting } from "../counted.ts"

const counted = counting("en")

export const senders = {
  title: "Senders",
  label: "Sender",
  saddr: "Name on the phone",
  status: "Status",
  waiting: "Waiting",
  inUse: "In use",
  notYet: "Not approved yet",
  archived: "Archived",
  revoked: "Taken back",
  preset: "Of the installation",
  pending: counted({ one: "# proposal", other: "# proposals" }),
  none: "No senders yet",
  noneHelp: "A sender is the name that people see above a message. Somebody proposes it, somebody else approves it.",
  askAdmin: "An admin of this workspace makes a new one.",

  new: "New sender",
  newHelp: "It can be used once somebody else has approved its name.",
  labelField: "What your colleagues call it",
  labelHelp: "Only inside this workspace; people who get messages never see it.",
  saddrField: "Name on the phone",
  saddrHelp: "Up to 11 letters, digits and signs, such as CorpIT; or a number of 3 to 15 digits.",
  reason: "What it is for",
  reasonHelp: "Whoever decides reads it.",
  addressing: "Addressing for the operator",
  addressingHelp: "Leave these empty unless the operator asks for something else.",
  usual: "the usual",
  propose: "Propose it",
  change: "Propose a change",
  changeOf: "What is in force stays so until somebody else approves the change.",

  inForce: "In force",
  nothingInForce: "Nothing yet: its first name waits for approval, or was rejected.",
  presetHelp: "The installation granted it to this workspace. Nobody here changes it.",
  revokedHelp: "The installation has taken it back. What was submitted with it goes on.",
  archivedHelp: "It is not offered for new campaigns. What was submitted with it goes on.",
  revisions: "Revisions",
  statuses: { pending: "Waits", approved: "Approved", rejected: "Rejected" },
  proposedBy: "{who} proposed it {when}",
  approvedBy: "{who} approved it {when}",
  rejectedBy: "{who} rejected it {when}",
  decide: "Review",
  usedBy: "Who uses it",
  unused: "No campaign has used it yet.",
  newest: counted({ one: "The newest campaign:", other: "The newest # campaigns:" }),

  archive: "Archive",
  archiveHelp: counted({
    one: "It leaves the wizard. # unfinished campaign that was submitted with it goes on.",
    other: "It leaves the wizard. # unfinished campaigns that were submitted with it go on."
  }),
  archiveNow: "Archive it now",
  restore: "Restore"
}
