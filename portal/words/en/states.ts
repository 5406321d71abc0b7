export const states = {
  draft: "Draft",
  in_review: "In review",
  scheduled: "Scheduled",
  sending: "Sending",
  paused: "Paused",
  done: "Done",
  rejected: "Rejected",
  cancelled: "Stopped",
  expired: "Expired",
  failed: "Failed"
}
