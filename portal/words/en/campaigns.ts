import { counting } from "../counted.ts"

const counted = counting("en")

export const campaigns = {
  title: "Campaigns",
  name: "Name",
  state: "State",
  sender: "Sender",
  author: "Author",
  when: "When",
  recipients: "Recipients",
  delivered: "Delivered",
  search: "Search by name",
  all: "All",
  archived: "Archived",
  more: "Older campaigns",
  none: "No campaigns yet",
  noneHelp: "A campaign is a text, a sender and an audience. Somebody else approves it before it is sent.",
  notFound: "No campaign is like that",
  notFoundHelp: "Take a filter away, or search for another part of its name.",
  total: counted({ one: "# campaign", other: "# campaigns" })
}
