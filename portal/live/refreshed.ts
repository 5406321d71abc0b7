/**
 * Attributes of a part of a page that asks for itself anew when something changes: told by the stream of room.tsx, or by
 * scripts/live.js. What comes at once is asked for once.
 */
import { ALL, changeOf } from "./Live.ts"

/**
 * from: where the part is to be had, as it is or, with an id in `select`, in a page. what: objects of the audit, `campaign`, or
 * `campaign-12`; and every quarter of a minute, should a change have been missed. moving: also each second while something of the workspace
 * is sent.
 */
export const refreshed = (
  from: string,
  what: ReadonlyArray<string>,
  { moving = false, select }: { readonly moving?: boolean; readonly select?: string } = {}
): Readonly<Record<string, string>> => {
  const events = [ALL, ...what.map((one) => changeOf(one)), "live-beat", ...(moving ? ["live-tick"] : [])]
  return {
    "hx-get": from,
    "hx-trigger": events.map((event) => `${event} from:body delay:50ms`).join(", "),
    "hx-swap": "outerMorph",
    ...(select !== undefined && { "hx-select": select }),
    "hx-status:5xx": "swap:none",
    "hx-status:4xx": "swap:none"
  }
}
