export const signIn = {
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
}
