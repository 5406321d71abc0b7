import { counting } from "../counted.ts"

const counted = counting("en")

export const wizard = {
  new: "New campaign",
  steps: "Steps to a campaign",
  step: { name: "Name", message: "Message", audience: "To whom", schedule: "When", review: "Review and submit" },
  done: "done",
  goOn: "Save and go on",
  mayNot: "authors and admins write campaigns; ask one of them",

  unfinished: "Still being written",
  unfinishedHelp: "Its author goes on with it. What it says and whom it is for is here once all of it is there.",

  name: "Name",
  nameHelp: "For you and your colleagues. People who get the message never see it.",
  mode: "When it is sent",
  modes: {
    on_demand: "As soon as it is approved",
    scheduled: "At a set time",
    spread: "Spread evenly over a while",
    trigger: "Fed by API, message by message"
  },
  modesHelp: {
    on_demand: "Or when somebody presses Start, once it is approved.",
    scheduled: "You choose the time in a later step. It starts by itself.",
    spread: "So that those who answer don't all call at once.",
    trigger: "Approved once, then open until its end: for codes and confirmations."
  },

  sender: "As whom",
  senderHelp: "The name that phones show. Somebody has approved each of these.",
  noSenders: "No sender has been approved in this workspace yet. Propose one, and have it approved; the draft waits.",
  toSenders: "Go to the senders",
  chooseSender: "Choose one",
  channels: "By which channels",
  channelsHelp: "Of several, each sends a part.",
  noChannels: "This workspace has no channel yet. A super admin grants it one; the draft waits.",
  text: "Text",
  textHelp: "A word in double parentheses, such as ((name)), stands for the column of your file that is called so.",
  preview: "On a phone",
  count: "Count",
  messages: counted({ one: "# message a person", other: "# messages a person" }),
  units: (units: string, capacity: string) => `${units} of ${capacity} characters`,
  left: counted({ one: "# left", other: "# left" }),
  withPlaceholders: (names: string) => `With each one's own ${names}: counted person by person once the file is there.`,
  unlike: (text: string) => `${text} is sent as it stands: a placeholder is written ((name)).`,
  forcing: "These characters need Unicode, in which a message holds less than half:",
  replaceBy: (character: string) => `Replace by ${character}`,
  leaveOut: "Leave it out",
  noReplacement: "nothing else says the same",
  replaceAll: "Replace all of them",
  tooLong: (most: string) => `This is too long: at most ${most} messages a person can be sent. Shorten it.`,
  differs: "The channels would send this in different numbers of messages. Use only characters of the GSM alphabet.",
  noText: "Write a text.",
  noChannel: "Choose at least one channel.",
  noSender: "Choose in whose name it is sent.",

  zone: "Times are those of the clocks in {zone}.",
  otherZone: "Other clocks",
  zoneField: "Time zone",
  zoneHelp: "As Asia/Tashkent or UTC.",
  starts: "Start",
  startsHelp: "Leave it empty to start as soon as it is approved.",
  ends: "End",
  endsHelp: {
    on_demand: "What has not left by then is not sent any more. Leave it empty to send all of it.",
    scheduled: "What has not left by then is not sent any more. Leave it empty to send all of it.",
    spread: "Either an end, or so many minutes from the start.",
    trigger: "Until then it takes messages."
  },
  over: "Over so many minutes",
  overHelp: "From its start. Leave it empty to give an end instead.",
  byHand: "Wait for somebody to press Start",
  byHandHelp: "Once it is approved and its time has come.",
  more: "Limits and exceptions",
  windowFrom: "Each day from",
  windowTo: "until",
  windowHelp: "Outside of these hours it pauses by itself. Leave both empty to send around the clock.",
  perSecond: "At most so many messages a second",
  perSecondHelp: "Leave it empty to go as fast as the channel takes it.",
  validity: "Give up after so many minutes",
  validityHelp: "How long the operator tries to reach a phone that is off. Leave it empty for the operator's own.",
  lost: "If the operator's answer is lost",
  onLost: { hold: "Don't send it again", resend: "Send it again: somebody may get it twice" },
  skipped: (typed: string, real: string) =>
    `Clocks are put forward that night, and ${typed} does not come: ${real} is meant.`,
  twice: (local: string) => `Clocks are put back that night, and ${local} comes twice: the first is meant.`,
  notANumber: (field: string) => `“${field}” takes a whole number.`,
  notATime: (field: string) => `“${field}” takes a day and a time.`,
  forecast: "Done about",
  save: "Save and look at the forecast"
}
