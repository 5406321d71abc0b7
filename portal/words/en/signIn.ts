export const signIn = {
  title: "Sign in",
  demo: "Try it as",
  demoHelp: (password: string) => `Each of them has the password “${password}”.`,
  demoAs: (name: string) => `Sign in as ${name}`,
  email: "E-mail",
  password: "Password",
  submit: "Sign in",
  forgot: "Forgot your password?",
  expired: "You were signed out. Sign in to go on where you were.",
  out: "You are signed out.",
  passkey: "Use a passkey",
  passkeyCancelled: "Your passkey did not answer. Try again, or use your password.",
  passkeyFailed: "Your device could not be asked. Try again, or use your password.",
  noPasskey: "No device was asked: this browser has no passkeys, or runs no scripts. Use your password.",
  secondFactor: "Second factor",
  secondFactorHelp: "The code that your authenticator app shows, or one of your recovery codes.",
  code: "Code",
  confirm: "Confirm",
  asAnother: "Sign in as somebody else",
  refused: {
    WrongPassword:
      "This e-mail address and password don't go together. Try again, or have a link mailed to set a new password.",
    WrongCode: "This code is wrong, or was used before. Wait for the next one and try again, or take a recovery code.",
    Locked: "There were too many attempts.",
    Busy: "Too many people are signing in at this moment. Try again in a few seconds."
  },
  locked: (seconds: number) =>
    seconds < 90 ? `Try again in ${seconds} seconds.` : `Try again in ${Math.ceil(seconds / 60)} minutes.`
}
