import { counting } from "../counted.ts"

const counted = counting("en")

export const own = {
  title: "Your account",
  who: "Who you are",
  email: "E-mail address",
  workspaces: "Workspaces",
  noWorkspaces: "None yet: an admin invites you.",
  roles: { author: "Author", moderator: "Moderator", admin: "Admin", super_admin: "Super admin" },
  flagged: "may also approve what others write",
  signInAgain: "Sign in again",
  saved: {
    password: "Your password is changed. Your other sessions have ended.",
    passkey: "The passkey is there.",
    removed: "The passkey is removed.",
    renamed: "The passkey has its new name.",
    off: "The second factor is off.",
    join: "Your request is with its admins. They answer it here.",
    session: "The session has ended.",
    sessions: "Your other sessions have ended."
  },

  join: "Joining a workspace",
  ask: "Ask to join one",
  joinWorkspace: "Name of the workspace",
  joinWorkspaceHelp:
    "Exactly as it is called there. Some take nobody who asks: then one of its admins has to invite you.",
  joinNote: "Who you are, and why you ask",
  joinNoteHelp: "Its admins read this.",
  joinAsk: "Ask its admins",
  joinAsked: "Asked {when}",
  joinWaits: "waits for an answer",
  joinYes: "accepted",
  joinNo: "declined",

  language: "Language",
  languageHelp: "In this browser.",
  choose: "Use it",

  password: "Password",
  passwordNow: "Your password until now",
  passwordNew: "The new one",
  passwordHelp: "At least 12 characters; a few words that don't belong together do well.",
  change: "Change it",

  secondFactor: "Second factor",
  secondFactorNone: "Not set up. With an app on your phone that shows codes, a stolen password alone opens nothing.",
  secondFactorSince: "Set up {when}.",
  codesLeft: counted({ one: "# recovery code is left.", other: "# recovery codes are left." }),
  setUp: "Set it up",
  scan: "Scan this with the app on your phone that shows codes, or type the key into it.",
  picture: "A picture of the key, for the app's camera",
  key: "Key",
  code: "The code that it shows now",
  confirm: "Turn it on",
  again: "Begin again",
  codes: "Your recovery codes",
  codesHelp:
    "Each of them lets you in once, when your phone is not at hand. They are shown this once: print them, or keep them where you keep passwords.",
  kept: "I have kept them",
  download: "Download them",
  downloadTitle: "Recovery codes of {email} for Countersign. Each is good once.",
  noCodes: "These are no recovery codes. Have new ones made.",
  newCodes: "New recovery codes",
  newCodesHelp: "The ones from before are worth nothing then.",
  off: "Turn it off",
  offCode: "One more code of it, or a recovery code",

  passkeys: "Passkeys",
  passkeysHelp: "A finger, a face or a PIN on a device of yours: signs you in, and signs what you approve.",
  noPasskeys: "None yet.",
  added: "added {when}",
  used: "used {when}",
  neverUsed: "never used",
  passkeyName: "What you call it",
  passkeyExample: "Laptop",
  add: "Add a passkey",
  rename: "Rename",
  remove: "Remove",
  cancelled: "Nothing was added: the device was not asked, or said no. Try again.",
  failed: "The device could not be asked. Try again, or use another browser.",
  unable: "This browser has no passkeys. Use another one to add one.",

  sessions: "Where you are signed in",
  here: "this one",
  since: "since {when}",
  by: {
    password: "by password",
    passkey: "by passkey",
    single_sign_on: "by single sign-on",
    command_line: "at the command line"
  },
  end: "End it",
  endOthers: "End all others"
}
