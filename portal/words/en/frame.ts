export const frame = {
  product: "Countersign",
  demo: "Demo: nothing leaves this machine, and everybody knows its passwords.",
  skip: "Skip to content",
  overview: "Overview",
  campaigns: "Campaigns",
  moderation: "Moderation",
  senders: "Senders",
  presets: "Presets",
  numbers: "Numbers",
  audit: "Audit",
  members: "Members",
  signOut: "Sign out",
  workspaces: "Workspaces",
  choose: "Choose a workspace",
  none: "You are in no workspace yet. Ask the admin of one to invite you.",
  shortcuts: "Keyboard shortcuts",
  readOnly: "Master · read-only"
}
