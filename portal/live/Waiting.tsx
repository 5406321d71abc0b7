/** How many decisions wait, beside the menu's word for them; kept up to date in every window. */
import { grouped } from "#portal/views/Count.tsx"
import type { Here } from "#portal/visit.ts"
import { refreshed } from "./refreshed.ts"

/** n: undefined where the page was made without asking; it is asked for as soon as the window is live. */
export const Waiting = ({ here, n }: { here: Here; n?: number }) => (
  <span
    id="waiting"
    class="text-muted-foreground tabular-nums"
    {...refreshed(`/w/${here.workspace.id}/live/waiting`, ["campaign", "sender"])}
  >
    {n !== undefined && n > 0 && grouped(n, here.words.locale)}
  </span>
)
