/** English. */
import { counting } from "./counted.ts"

const counted = counting("en")

export const en = {
  locale: "en",
  itself: "English",
  frame: {
    product: "Countersign",
    skip: "Skip to content",
    overview: "Overview",
    campaigns: "Campaigns",
    signOut: "Sign out",
    workspaces: "Workspaces",
    choose: "Choose a workspace",
    none: "You are in no workspace yet. Ask the admin of one to invite you.",
    shortcuts: "Keyboard shortcuts",
    readOnly: "Master · read-only"
  },
  signIn: {
    title: "Sign in",
    email: "E-mail",
    password: "Password",
    submit: "Sign in",
    forgot: "Forgot your password?",
    expired: "You were signed out. Sign in to go on where you were.",
    out: "You are signed out.",
    secondFactor: "Second factor",
    secondFactorHelp: "The code that your authenticator app shows, or one of your recovery codes.",
    code: "Code",
    confirm: "Confirm",
    locked: (seconds: number) =>
      seconds < 90 ? `Try again in ${seconds} seconds.` : `Try again in ${Math.ceil(seconds / 60)} minutes.`
  },
  states: {
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
  },
  campaigns: {
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
  },
  errors: {
    title: "That did not work",
    back: "Go back",
    NotFound: {
      title: "There is nothing here",
      help: "It may have been removed, or is not yours to see. Check the address."
    },
    Forbidden: { title: "You may not do this", help: "Ask an admin of the workspace if you should be able to." },
    Conflict: { title: "It is not as it was", help: "Somebody was faster, or it has moved on. Look at it anew." },
    Invalid: { title: "That can't be understood", help: "Check what was entered." },
    Locked: { title: "Too many attempts", help: "Wait a little, then try again." },
    NotApproved: { title: "It lacks approvals", help: "Somebody else has to approve it first." },
    NotItsTime: { title: "It is not its time", help: "See its schedule." },
    DatabaseGone: { title: "The database doesn't answer", help: "Nothing is lost. Try again in a minute." },
    TooLarge: { title: "That is too much at once", help: "Send less." },
    CrossSite: { title: "This came from another site", help: "Open Countersign itself and do it there." },
    Fault: { title: "This is a fault of ours", help: "It is in the log, with the number below. Please report it." }
  }
}
