import { counting } from "../counted.ts"

const counted = counting("en")

export const evidence = {
  who: "Who asks, and why",
  submitted: "{who} submitted it {when}.",
  waits: "Made by {who}, and not submitted yet.",
  noWhy: "No reason was given.",
  makers: "Written by {who}. Whoever wrote a part of it can't approve it.",
  approvals: (standing: string, needed: string) => `${standing} of ${needed} approvals`,
  approved: "{who} approved it {when}",
  signed: "signed with a passkey",

  message: "The message",
  messages: counted({ one: "# message a person", other: "# messages a person" }),
  mostMessages: counted({ one: "at most # message a person", other: "at most # messages a person" }),
  inAll: counted({ one: "# message in all", other: "# messages in all" }),
  encodings: { gsm7: "GSM alphabet", ucs2: "Unicode", latin1: "Latin-1" },
  units: (units: string, capacity: string) => `${units} of ${capacity} characters`,
  example: "As the first number on the list gets it",
  moreExamples: counted({ one: "# more example", other: "# more examples" }),
  odd: "Look at these characters twice",
  noOdd: "No odd characters.",
  times: counted({ one: "once", other: "# times" }),
  why: {
    unseen: "nobody sees it",
    mixed: "a letter of another alphabet inside a word",
    dear: "it takes Unicode, in which a message holds less than half"
  },

  as: "As whom",
  revision: (n: string) => `revision ${n}`,
  purpose: "What the name is for",
  whoElse: "Who else may use it",
  nobodyElse: "Nobody outside this workspace may use this name.",
  others: counted({
    one: "# other workspace may use this name too.",
    other: "# other workspaces may use this name too."
  }),

  to: "To whom",
  recipients: counted({ one: "# number", other: "# numbers" }),
  fed: "Nobody yet: numbers come one by one, by API, once it is approved.",
  numbers: "First and last",
  left: "Left out of the file",
  nothingLeft: "Nothing was left out.",
  reasons: {
    empty: "without a number",
    "not a number": "not a number",
    "too short": "too short",
    "too long": "too long",
    "not possible for its country": "not possible for its country",
    "no such country code": "no such country code",
    "damaged by a spreadsheet": "damaged by a spreadsheet",
    duplicate: "twice in the file",
    "line too long": "line too long",
    "not UTF-8": "not readable as UTF-8",
    "quote not closed": "quotation mark not closed",
    "no value": "no value for a placeholder",
    "value too long": "value too long",
    "text too long": "text too long with its values"
  },
  stopped: "On the stop list",
  stoppedOf: counted({
    one: "# number, to which nothing will be sent",
    other: "# numbers, to which nothing will be sent"
  }),
  noneStopped: "None of them.",
  overlap: "Written to in the last 7 days",
  overlapOf: (numbers: string, share: string) => `${numbers} of them, ${share}`,
  noneOverlap: "None of them, by any campaign of this workspace.",
  overlapWith: "{numbers} by {campaign}",
  compare: counted({ one: "Compare # number now", other: "Compare # numbers now" }),
  compareLater: "Too many to compare while you wait.",

  when: "When, how fast, until when",
  modes: {
    on_demand: "On demand",
    scheduled: "At a set time",
    spread: "Spread evenly",
    trigger: "Fed by API, one by one"
  },
  start: "Start",
  atOnce: "as soon as it is approved",
  byHand: "then somebody presses Start",
  end: "End",
  noEnd: "when all of it is sent",
  over: (duration: string) => `${duration} after its start`,
  window: "Daily window",
  windowOf: (from: string, to: string, zone: string) => `${from} to ${to}, by the clock of ${zone}`,
  pace: "Pace",
  ceiling: (perSecond: string) => `at most ${perSecond} messages a second`,
  foreseenPace: (perSecond: string) => `about ${perSecond} messages a second`,
  noCeiling: "as fast as its channels take it",
  forecast: "Done about",
  unforeseen: "can't be foreseen",
  limits: {
    schedule: "as its schedule asks",
    ceiling: "limited by its own ceiling",
    workspace: "limited by what the workspace may send a second",
    day: "limited by what the workspace may send a day",
    channel: "limited by what its channels take",
    share: "limited by what its channels take beside other campaigns",
    person: "it waits for somebody to start or resume it",
    unknown: "its channel was never measured"
  },
  leftOver: counted({
    one: "# person would not be reached before its end.",
    other: "# people would not be reached before its end."
  }),
  validity: "Given up",
  validFor: (duration: string) => `when it could not be delivered for ${duration}`,
  lost: "If the operator's answer is lost",
  onLost: { hold: "it is not sent again", resend: "it is sent again, and somebody may get it twice" },
  channels: "Channel",

  differs: "What is different from last time",
  firstTime: "This sender has sent nothing before.",
  last: "Compared with {campaign}, sent {when}.",
  sameText: "The text is the same, word by word.",
  gone: "taken out",
  came: "added",
  fromTo: "{from}, now {to}",
  unchanged: "Sender, number of people and messages are the same.",

  fingerprint: "Fingerprint",
  fingerprintHelp: "It stands for all of the above. Whoever approves, approves this, and any change makes another.",
  noFingerprint: "There is none yet: the list of numbers is not complete."
}
