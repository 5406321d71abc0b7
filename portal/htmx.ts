/**
 * What htmx says to us and we to it: every HX- header there is a name for, in one place (htmx 4).
 */
import type { Context } from "hono"

/** Whether a part of a page is asked for, and not the page. */
export const wantsFragment = (c: Context): boolean =>
  c.req.header("HX-Request") === "true" && c.req.header("HX-Request-Type") !== "full"

/** Instead of the part that was asked for the browser puts in all of a page, in place: what one reads stays where it is. */
export const insteadAll = (c: Context) => {
  c.header("HX-Retarget", "#content")
  c.header("HX-Reselect", "#content")
  c.header("HX-Reswap", "outerMorph")
}

/** Has the browser go there as if it had been clicked: also from within a fragment. */
export const go = (c: Context, to: string) => {
  if (c.req.header("HX-Request") !== "true") return c.redirect(to, 303)
  c.header("HX-Redirect", to)
  return c.body(null, 204)
}
