import { counting } from "../counted.ts"

const counted = counting("en")
const { format: grouped } = new Intl.NumberFormat("en")

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
  mode: "Kind",
  from: "From",
  until: "To",
  any: "Any",
  anybody: "Anybody",
  filters: "Filters",
  apply: "Apply",
  without: (filter: string) => `Take away: ${filter}`,
  sortNewest: "Sort by when they were made, the newest first",
  sortDay: "Sort by when they were or will be sent, the latest first",
  newest: "To the first page",
  more: "Older campaigns",
  select: (name: string) => `Select ${name}`,
  selectAll: "Select all on this page",
  selected: "With those that are ticked:",
  archiveSelected: "Archive…",
  archiveTitle: counted({ one: "Archive # campaign?", other: "Archive # campaigns?" }),
  archiveHelp:
    "They leave this list and are found under Archived, from where each can be restored. Nothing is deleted.",
  archiveStops: counted({
    one: "# of them has not ended. It is stopped first, for good: what has not left will not be sent.",
    other: "# of them have not ended. They are stopped first, for good: what has not left will not be sent."
  }),
  archiveNow: counted({ one: "Archive # campaign", other: "Archive # campaigns" }),
  archiveAndStop: (all: number, unfinished: number) =>
    `Archive ${grouped(all)}, of which ${grouped(unfinished)} stopped`,
  leave: "Leave them",
  archivedNow: counted({ one: "# campaign was archived.", other: "# campaigns were archived." }),
  refusedTitle: counted({ one: "# campaign was not archived", other: "# campaigns were not archived" }),
  toList: "To the list",
  noneArchived: "Nothing is archived",
  noneArchivedHelp: "Campaigns that nobody needs in the list can be ticked there and archived. They are then here.",
  none: "No campaigns yet",
  noneHelp: "A campaign is a text, a sender and an audience. Somebody else approves it before it is sent.",
  notFound: "No campaign is like that",
  notFoundHelp: "Take a filter away, or search for another part of its name.",
  total: counted({ one: "# campaign", other: "# campaigns" })
}
