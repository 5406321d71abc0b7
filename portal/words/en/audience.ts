import type { AudienceFileError } from "#schema/audience/AudienceFile.ts"
import { counting } from "../counted.ts"

const counted = counting("en")

export const audience = {
  title: "To whom",
  fed: "Nothing to upload",
  fedHelp: "This campaign is fed by API: once it is approved, numbers come one by one.",
  none: "No numbers yet",
  noneHelp: "An author or an admin uploads a file of numbers here.",

  file: "File of numbers",
  fileHelp: "A .txt with a number in each line, or a .csv; up to 2 GB. Other columns of a .csv can stand in the text.",
  otherColumn: "The numbers are not in the first column",
  column: "Column with the numbers",
  columnHelp: "Its header, as it stands in the first line of the .csv.",
  upload: "Upload",
  goOnHelp: "Choose the same file again, and it goes on where it was.",
  choose: "Choose a file first.",

  uploading: "{who} is uploading {file}",
  reading: "{file} has arrived; its last lines are being read",
  came: (came: string, size: string) => `${came} of ${size}`,
  cameSoFar: (came: string) => `${came} so far`,
  lines: counted({ one: "# line read", other: "# lines read" }),
  rest: (duration: string) => `done in about ${duration}`,
  silent: "Nothing has come for a while. It waits for fifteen minutes, then it is given up.",
  leave: "Keep this window open. The progress can be seen in any other.",
  look: "Look again",
  cancel: "Cancel the upload",

  failed: "{file} was not taken",
  brokenOff: counted({
    one: "An upload was broken off after # number, and can't go on. Nothing of it will be used: begin anew.",
    other: "An upload was broken off after # numbers, and can't go on. Nothing of it will be used: begin anew."
  }),
  problem: (problem: AudienceFileError): string => problem.message,
  tooLarge: "The file is larger than 2 GB. Split it, and make a campaign of each.",
  longer: "The file was changed while it was uploaded. Choose it again.",
  faulty: "This is a fault of ours, and is in the log. Choose the file again.",
  brokeOff: "The connection was lost before all of it had come. Choose the file again.",
  another: (who: string, file: string) => `${who} is uploading ${file} to this campaign. Wait for it, or cancel it.`,
  busy: "Several other files are being uploaded at the moment. Try again in a minute.",
  asked: "This can't be understood. Load the page anew and choose the file again.",
  pieceTooLarge: "This is too much at once.",

  lost: "The connection is lost. It tries again by itself.",
  signedOut: "You are not signed in any more. Sign in in another window, then choose the file again.",

  numbers: counted({ one: "# number", other: "# numbers" }),
  from: "from",
  counts: "What was in the file",
  allLines: "Lines",
  valid: "Valid",
  duplicates: "Twice, sent to once",
  invalid: "Invalid",
  empty: "Empty",
  stopped: "On the stop list",
  compare: counted({ one: "Compare # number now", other: "Compare # numbers now" }),
  reasons: "Left out, and why",
  download: "Download the lines that were left out",
  first: "The first of them",
  number: "Number",
  lacking: (names: string) =>
    `The text has ${names}, and the file has no such column. Change the text, or take another file.`,
  uncounted: "The text or the channels were changed after the file was read. Its messages have to be counted again.",
  count: "Count them now",
  next: "Go on",
  takeAnother: "Take another file",
  takeTitle: "Take these numbers away?",
  takeHelp: counted({
    one: "# number is taken out of this campaign. You can then give it another file.",
    other: "# numbers are taken out of this campaign. You can then give it another file."
  }),
  takeNow: "Take them away"
}
