export const frame = {
  product: "Countersign",
  skip: "Skip to content",
  overview: "Overview",
  campaigns: "Campaigns",
  moderation: "Moderation",
  senders: "Senders",
  presets: "Presets",
  numbers: "Numbers",
  audit: "Audit",
  signOut: "Sign out",
  workspaces: "Workspaces",
  choose: "Choose a workspace",
  none: "You are in no workspace yet. Ask the admin of one to invite you.",
  shortcuts: "Keyboard shortcuts",
  readOnly: "Master · read-only"
}
