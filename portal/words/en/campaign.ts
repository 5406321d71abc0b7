import { counting } from "../counted.ts"

const counted = counting("en")

export const campaign = {
  parts: "Of this campaign",
  overview: "Overview",
  numbers: "Numbers",
  history: "History",
  content: "Content",
  paced: {
    title: "Pace",
    recent: "Last 15 minutes",
    whole: "Whole",
    sent: "Messages a second",
    planned: "Planned",
    contract: "Contract",
    noPlan: "As fast as its channels take it",
    table: "As a table",
    from: "From",
    messages: "Messages"
  },
  historyMore: "What is older is in the audit.",
  inAudit: "The same in the audit",
  proof: {
    title: "Proof",
    approved: "What was approved, and by whom",
    fingerprintHelp: "Its fingerprint: it stands for everything that is approved, and any change makes another.",
    ledger: "The ledger",
    unapproved: "Nobody has approved it as it is now.",
    unsealed: "Its ledger is not sealed yet: that happens by itself, once its last receipt is in.",
    notEnded: "Once it has ended and its last receipt is in, its ledger is sealed here by itself.",
    sealed: "Sealed",
    row: (seq: string) => `row № ${seq} of the audit`,
    root: "Root over its blocks",
    byNumber: "Root over its numbers",
    check: "Count the ledger now",
    checkHelp:
      "Every number is counted again from what was sent and answered, and compared with the figures shown here.",
    adds: "It adds up: every figure agrees with what is on record.",
    differs: "Some figures don't agree with what is on record. Tell whoever runs Countersign.",
    how: "How somebody outside checks it",
    export: "Export the {audit} of this workspace as JSON Lines, and give them the file.",
    verify: "They check the file, without this system and without a database:",
    compare:
      "The file has the fingerprint with every approval, and the roots in the row that sealed the ledger. They have to be the same as here.",
    number:
      "Whether one number was in it, and what became of it, is proved by a file of its own: find the number, and take the proof from its page."
  },
  ledger: "How far it is",
  submitted: (left: string, audience: string) => `${left} of ${audience} submitted`,
  pace: (perSecond: string) => `about ${perSecond} a second`,
  doneAbout: "done about",
  late: counted({
    one: "# number will not be reached before its end",
    other: "# numbers will not be reached before its end"
  }),
  adds: (audience: string) => `= ${audience}, and it adds up`,
  addsNot: (audience: string) => `This does not come to ${audience}. Tell whoever runs Countersign.`,
  none: "It has no numbers yet.",
  kinds: {
    delivered: "delivered",
    moving: "on their way",
    undelivered: "undelivered",
    rejected: "rejected",
    unknown: "unknown",
    expired: "expired",
    suppressed: "on the stop list",
    cancelled: "not sent",
    waiting: "waiting"
  },
  failed: "It failed:",
  rests: "Its daily window is closed. It goes on by itself",
  acts: {
    submit: "Submit for approval",
    revise: "Take back to draft",
    start: "Start now",
    pause: "Pause",
    resume: "Resume",
    stop: "Stop",
    duplicate: "Duplicate",
    archive: "Archive",
    restore: "Restore"
  },
  copyOf: (name: string) => `Copy of ${name}`,
  why: "What it is for",
  whyHelp: "Whoever approves it reads this.",
  stopTitle: "Stop it for good?",
  stopNow: "Stop now",
  stopUnsent: counted({
    one: "Nothing has left. # number will get nothing.",
    other: "Nothing has left. # numbers will get nothing."
  }),
  stopSent: (left: string, audience: string, rest: string) =>
    `${left} of ${audience} have left; ${rest} will not. It can't be started again.`,
  mayNot: "An admin, a moderator or its author may do this.",
  review: "Review it",
  number: "Number",
  outcome: "Outcome",
  at: "Submitted",
  operator: "The operator's id",
  tries: "Tries",
  list: "List",
  find: "Find a number in this campaign",
  findHelp: "With or without its country. The audit keeps what you searched for.",
  notInIt: "This number is not in this campaign.",
  places: counted({ one: "It is in it # time:", other: "It is in it # times:" }),
  everything: "All",
  noneOfThese: "None of these",
  noneOfTheseHelp: "No number of this list has this outcome now.",
  notYetFound: (upTo: string) => `None among the first ${upTo}.`,
  lookFurther: "Look further",
  download: "Download as CSV",
  downloadWhole: "Download with whole numbers",
  downloadWholeHelp: counted({
    one: "The file has # number in the clear, or it if it has the outcome that is chosen. The audit keeps that you took it.",
    other:
      "The file has # numbers in the clear, or those of them with the outcome that is chosen. The audit keeps that you took it."
  }),
  moreNumbers: "Next 100",
  firstNumbers: "From the beginning",
  noNumbers: "No numbers here yet",
  noNumbersHelp: "They stand here once a file is uploaded, or once the campaign is fed."
}
