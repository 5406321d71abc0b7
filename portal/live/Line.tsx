/**
 * The window's stream, and the quiet line that says since when what is shown is old, once neither the stream nor asking brings anything
 * (scripts/live.js). Without scripts there is nothing of it.
 */
import type { Here } from "#portal/visit.ts"

export const Line = ({ here }: { here: Here }) => {
  const words = here.words.live
  return (
    <p
      id="live"
      role="status"
      class="fixed right-4 bottom-4 z-10 rounded-md border bg-background px-3 py-1.5 text-sm text-muted-foreground shadow-sm empty:hidden"
      data-lost={words.lost}
      data-over={words.over}
      {...{ "hx-sse:connect": `/w/${here.workspace.id}/live`, "hx-sse:close": "live-over" }}
    />
  )
}
