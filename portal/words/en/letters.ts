export const letters = {
  forgotTitle: "Set a new password",
  forgotHelp: "Say your e-mail address, and a link is mailed to you with which you set a new one.",
  email: "E-mail address",
  send: "Mail me the link",
  sent: "If there is an account of this address, a link is on its way. It is good for an hour, once.",
  sentHelp: "Nothing came? Look among the unwanted mail, or ask an admin of your workspace.",
  backToSignIn: "Back to signing in",

  newPassword: "Your new password",
  newPasswordOf: "For {who}.",
  newPasswordHelp: "At least 12 characters; a few words that don't belong together do well.",
  set: "Set it",
  isSet: "Your new password is set. Sign in with it.",

  gone: "This link is not good any more",
  goneReset: "It is good for an hour, once. Have another one mailed.",
  goneInvitation: "It is good for seven days, once. Ask whoever invited you for another one.",

  invitation: "{who} invites you to {workspace}",
  as: { author: "as an author", moderator: "as a moderator", admin: "as an admin" },
  flagged: "who may also approve what others write",
  until: "Good until {when}.",
  name: "Your name",
  nameHelp: "As your colleagues know it: it stands beside everything that you do.",
  password: "A password",
  accept: "Accept",
  signInToAccept: "Sign in as {email} to accept it.",
  signIn: "Sign in",
  isThere: "Your account is there. Sign in with {email} and your password."
}
