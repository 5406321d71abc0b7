import type { Outcome } from "#schema/ledger/NumberLife.ts"
import type { Reason } from "#schema/text/Msisdn.ts"
import { counting } from "../counted.ts"

const counted = counting("en")

const outcomes: Record<Outcome, string> = {
  delivered: "Delivered",
  undelivered: "Undelivered",
  expired: "Expired",
  rejected: "Rejected",
  unknown: "Unknown",
  suppressed: "Stop list",
  cancelled: "Not sent",
  submitted: "On its way",
  waiting: "Waiting"
}

/** What each comes to, for who reads it for the first time. */
const meanings: Record<Outcome, string> = {
  delivered: "The operator says that the phone has it.",
  undelivered: "The operator says that the phone did not get it.",
  expired: "Its time was over before it could be delivered.",
  rejected: "The operator refused it for good.",
  unknown: "The operator's answer or its receipt never came, so nobody can say whether the phone got it.",
  suppressed: "The number is on the stop list, so nothing was sent to it.",
  cancelled: "The campaign ended before it left, so nothing was sent to it.",
  submitted: "The operator has taken it, and its receipt is awaited.",
  waiting: "It is in the queue, and nothing has left yet."
}

const moves = {
  submit: "{person} submitted the campaign for approval",
  revise: "{person} took the campaign back to draft",
  request_changes: "{person} requested changes",
  reject: "{person} rejected the campaign",
  open: "The campaign began by itself, at its time",
  start: "{person} started the campaign",
  pause: "{person} paused the campaign",
  resume: "{person} resumed the campaign",
  rest: "The campaign rested: its daily window had closed",
  wake: "The campaign went on: its daily window had opened",
  stop: "{person} stopped the campaign",
  expire: "The campaign's time was over",
  close: "The campaign was done",
  fail: "The campaign failed"
}

const reasons: Record<Reason, string> = {
  empty: "Enter a phone number.",
  "not a number": "This is not a phone number: it has letters or signs that phone numbers do not have.",
  "too short": "This has too few digits to be a phone number. Check whether its beginning is missing.",
  "too long": "This has too many digits to be a phone number. Check whether two numbers ran together.",
  "not possible for its country": "Numbers of this country do not have this many digits. Check the number.",
  "no such country code": "No country has this calling code. Check the digits after the plus.",
  "damaged by a spreadsheet": "A spreadsheet rounded this number. Take it from where it was before that."
}

export const numbers = {
  title: "Numbers",
  search: "Phone number",
  searchHelp:
    "As people write it, with or without the country code. All campaigns of this workspace are searched; that you searched, and for which number, is kept in the audit.",
  find: "Search",
  from: "From",
  until: "Until",
  narrow: "Only these days",
  reasons,
  mayNot: "Only moderators and admins may search by number",
  mayNotHelp:
    "Numbers are masked for authors. Ask a moderator of this workspace; your own campaigns and their counts are under Campaigns.",
  begin: "Who sent what to one phone",
  beginHelp:
    "Search for a number to see every message that this workspace sent to it, who wrote and who approved it, and what became of it.",
  none: "Nothing was sent to this number",
  noneHelp: "No campaign of this workspace has it in its audience. Check the number, or ask for other days.",
  found: counted({ one: "# message", other: "# messages" }),
  tooMany: counted({
    one: "Only the newest is shown; choose days to see others.",
    other: "Only the newest # are shown; choose days to see others."
  }),
  campaign: "Campaign",
  when: "When",
  sender: "Sender",
  author: "Written by",
  approvers: "Approved by",
  nobody: "nobody yet",
  outcome: "Outcome",
  outcomes,
  meanings,
  life: "Its life",
  inCampaign: "in {campaign}, as {sender}",
  time: "Time",
  happened: "What happened",
  clock: "Times are by the clock of {zone}.",
  clocks: "Times are by the clock of {zone}; below each is the workspace's, in {house}.",
  lines: {
    uploaded: "{person} uploaded it, as number {seq} of {recipients}",
    asked: "{person} asked for it, under the key {key}",
    system: "The system",
    approved: "{person} approved the campaign",
    signed: "{person} approved the campaign, signed with a passkey",
    left: "Left the queue for {channel}",
    leftAfter: "Left the queue for {channel}, {waited} after the campaign had begun",
    leftAfterAsked: "Left the queue for {channel}, {waited} after it had been asked for",
    why: {
      spread: "as planned by the spread",
      ceiling: "under the campaign's ceiling, in its turn",
      asked: "in its turn",
      queue: "in its turn"
    },
    before: counted({ one: "# number came before it", other: "# numbers came before it" }),
    pausedFor: "paused for {time} of this",
    again: "Left the queue again for {channel}",
    resend:
      "Left the queue again for {channel}: the operator's answer was lost, and the campaign was approved to send again then",
    returned: "Was taken out of the queue for {channel} and put back; nothing was sent",
    keptBack: "Kept back: the number is on the stop list ({cause})",
    keptBackResend:
      "Not sent again: the number is on the stop list ({cause}), and whether the first try arrived is unknown",
    paced: "Waited {time} for the channel's pace",
    retried: "Waited {time} before it was tried again",
    part: "Part {part} of {parts}",
    accepted: "submit_sm on {channel}, bind {bind} → accepted in {time}, message id {id}",
    refused: "submit_sm on {channel}, bind {bind} → refused for good in {time}, status {status}",
    refusedForNow: "submit_sm on {channel}, bind {bind} → refused for now in {time}, status {status}",
    unanswered: "submit_sm on {channel}, bind {bind} → no answer came",
    receipt: "Receipt: {state}, error {error}, {time} after it was sent",
    noReceipt: "No receipt came in time",
    text: "Text of the receipt",
    note: "Note"
  },
  moves,
  awaited: "Its receipt is awaited",
  inQueue: "It waits in the queue",
  notYet: "The campaign has not begun",
  masked: "The number is masked.",
  onlyModerators: "Only moderators and admins may see it whole.",
  reveal: "Show the number",
  revealTitle: "Show the whole number",
  reason: "Reason",
  reasonHelp: "Why you need to see it. The reason is kept in the audit, with your name.",
  revealed: "You see the whole number. That you looked, and why, is in the audit.",
  everything: "Everything sent to this number",
  proof: "Download a proof",
  proofTitle: "Proof for somebody outside",
  proofHelp:
    "A file by which anybody can check, without this system, that the sealed ledger of the campaign has this number with this outcome. It shows up to 128 neighbouring numbers too, so the audit keeps why you took it.",
  proofLater: "Once the campaign has ended and its ledger is sealed, a proof about this number can be taken here."
}
