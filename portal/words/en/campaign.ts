import { counting } from "../counted.ts"

const counted = counting("en")

export const campaign = {
  parts: "Of this campaign",
  overview: "Overview",
  numbers: "Numbers",
  history: "History",
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
    archive: "Archive",
    restore: "Restore"
  },
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
  moreNumbers: "Next 100",
  firstNumbers: "From the beginning",
  noNumbers: "No numbers here yet",
  noNumbersHelp: "They stand here once a file is uploaded, or once the campaign is fed."
}
