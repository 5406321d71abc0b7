/** A campaign's state: a word, a shape and a colour, the same everywhere. */
import type { Words } from "#portal/words.ts"
import type { CampaignState } from "#schema/campaign/Campaigns.ts"

/** Shape and colour. Text colours are checked for contrast in both themes. */
const LOOKS: Record<CampaignState, readonly [shape: string, classes: string]> = {
  draft: ["○", "text-zinc-600 dark:text-zinc-400"],
  in_review: ["◐", "text-amber-800 dark:text-amber-300"],
  scheduled: ["◷", "text-blue-800 dark:text-blue-300"],
  sending: ["▶", "text-blue-800 dark:text-blue-300"],
  paused: ["‖", "text-amber-800 dark:text-amber-300"],
  done: ["✓", "text-green-800 dark:text-green-300"],
  rejected: ["✕", "text-red-800 dark:text-red-300"],
  cancelled: ["■", "text-red-800 dark:text-red-300"],
  failed: ["!", "text-red-800 dark:text-red-300"],
  expired: ["—", "text-zinc-600 line-through dark:text-zinc-400"]
}

export const State = ({ state, words }: { state: CampaignState; words: Words }) => {
  const [shape, classes] = LOOKS[state]
  return (
    <span class={`inline-flex items-center gap-1.5 whitespace-nowrap ${classes}`}>
      <span aria-hidden="true">{shape}</span>
      {words.states[state]}
    </span>
  )
}
