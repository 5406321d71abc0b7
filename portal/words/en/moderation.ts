import { counting } from "../counted.ts"

const counted = counting("en")

export const moderation = {
  title: "Moderation",
  campaigns: "Campaigns",
  revisions: "Sender names",
  name: "Campaign",
  author: "Author",
  sender: "Sender",
  recipients: "Numbers",
  waits: "Waits",
  starts: "Starts",
  approvals: "Approvals",
  you: "You",
  review: "Review",
  more: "Later ones",
  first: "The longest waiting",
  none: "No campaign waits for review",
  noneHelp: "What an author submits stands here until enough people have approved it, or somebody sent it back.",
  noRevision: "No sender name waits for review",
  noRevisionHelp:
    "What somebody proposes as a new name, or as a change of one, stands here until somebody else decides.",
  whyNot: {
    maker: "You wrote a part of it",
    already_approved: "You approved it",
    role: "Not for your role",
    master: "Enter the workspace"
  },
  proposer: "You proposed it",
  of: (standing: string, needed: string) => `${standing} of ${needed}`,
  at_once: "when approved",

  decide: "Your decision",
  note: "Note",
  unsent: "Your note, which was not sent",
  noteHelp: "Its author reads it. It is asked for when you reject or request changes.",
  approve: "Approve",
  approveSigned: "Approve with your passkey",
  approveUnsigned: "Approve without signing",
  cancelled: "Your passkey did not answer. Nothing was decided; try again.",
  failed: "It could not be signed. Try again, or load the page anew.",
  requestChanges: "Request changes",
  reject: "Reject",
  rejectHelp: counted({
    one: "It ends here: # person will not be written to. To have changes made, request them.",
    other: "It ends here: # people will not be written to. To have changes made, request them."
  }),
  rejectFed: "It ends here: nothing can be sent with it. To have changes made, request them.",
  rejectNow: "Reject for good",
  mayNot: "You can't approve this",
  mayNotDecide: "There is nothing to decide for you",
  decided: {
    approve: "You approved it.",
    request_changes: "You sent it back to its author.",
    reject: "You rejected it."
  },
  campaignPage: "Open the campaign",
  backToQueue: counted({ one: "# more waits for review", other: "# more wait for review" }),
  queueEmpty: "Nothing else waits for review",

  change: "What would change",
  newName: "There is no approved name yet; this would be the first.",
  before: "Now",
  after: "Proposed",
  fields: {
    saddr: "Name on the phone",
    source_addr_ton: "Type of number (TON)",
    source_addr_npi: "Numbering plan (NPI)",
    dest_addr_ton: "Type of the recipient's number",
    dest_addr_npi: "Plan of the recipient's number"
  },
  noChange: "It is the same as what is in force.",
  proposedBy: "{who} proposed it {when}.",
  approveRevision: "Approve the name",
  rejectRevision: "Reject the name",
  revisionNoteHelp: "Whoever proposed it reads it. It is asked for when you reject.",
  senderPage: "Open the sender",
  shownAs: "As a phone shows it"
}
