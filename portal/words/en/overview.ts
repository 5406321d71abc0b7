import { counting } from "../counted.ts"

const counted = counting("en")

export const overview = {
  title: "Overview",
  needsYou: "Needs you",
  nothing: "Nothing waits for you",
  nothingHelp: "What you have to review, mend or start stands here.",
  review: "Review",
  reviewOf: (author: string) => `Submitted by ${author}`,
  goOn: "Go on",
  draftOf: "Your draft",
  start: "Start",
  waitsForStart: "Waits for somebody to press Start",
  moreInReview: counted({ one: "# more waits for review", other: "# more wait for review" }),
  running: "Running now",
  noneRunning: "Nothing is being sent",
  noneRunningHelp: "Campaigns that send or rest stand here, with how far they are.",
  of: (delivered: string, audience: string) => `${delivered} of ${audience} delivered`,
  next: "Next",
  today: "Today",
  sent: "sent",
  delivered: "delivered",
  failed: "failed",
  campaigns: counted({ one: "# campaign", other: "# campaigns" }),
  usual: (messages: string) => `On a usual day ${messages} are sent.`,
  noUsual: "There is no usual day yet: nothing was sent in the last four weeks."
}
