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
  secondFactor: "Second factor",
  secondFactorHelp: "The code that your authenticator app shows, or one of your recovery codes.",
  code: "Code",
  confirm: "Confirm",
  locked: (seconds: number) =>
    seconds < 90 ? `Try again in ${seconds} seconds.` : `Try again in ${Math.ceil(seconds / 60)} minutes.`
}
