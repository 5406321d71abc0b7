export const live = {
  /** {time}: put there by the browser. */
  lost: "The connection is lost. What you see is of {time}.",
  over: "You are signed out. What you see is of {time}; load the page to go on."
}
