/** What became of a number: a word, a shape and a colour. */
import type { Words } from "#portal/words.ts"
import type { Outcome } from "#schema/ledger/NumberLife.ts"

const GREEN = "text-green-800 dark:text-green-300"
const RED = "text-red-800 dark:text-red-300"
const AMBER = "text-amber-800 dark:text-amber-300"
const BLUE = "text-blue-800 dark:text-blue-300"
const GREY = "text-zinc-600 dark:text-zinc-400"

const LOOKS: Record<Outcome, readonly [shape: string, classes: string]> = {
  delivered: ["✓", GREEN],
  undelivered: ["✕", RED],
  expired: ["—", GREY],
  rejected: ["✕", RED],
  unknown: ["?", AMBER],
  suppressed: ["⊘", GREY],
  cancelled: ["■", GREY],
  submitted: ["▶", BLUE],
  waiting: ["◷", BLUE]
}

export const OutcomeMark = ({ outcome, words }: { outcome: Outcome; words: Words }) => {
  const [shape, classes] = LOOKS[outcome]
  return (
    <span class={`inline-flex items-center gap-1.5 whitespace-nowrap ${classes}`}>
      <span aria-hidden="true">{shape}</span>
      {words.numbers.outcomes[outcome]}
    </span>
  )
}
