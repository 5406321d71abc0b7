export const errors = {
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
  SecondFactor: {
    title: "This workspace asks for a second factor",
    help: "Set one up on your own page, sign out, and sign in with it."
  },
  Fault: { title: "This is a fault of ours", help: "It is in the log, with the number below. Please report it." }
}
