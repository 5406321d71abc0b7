/** What stopping a campaign touches, as of now: in the page, and again with every look at how far it is. */
import { grouped } from "#portal/views/Count.tsx"
import type { Here } from "#portal/visit.ts"
import type { Course } from "#schema/campaign/Course.ts"
import { sentOf } from "./Course.tsx"

/** again: for the page that has it already. */
export const Stopping = ({ again = false, here, progress }: { here: Here; progress: Course; again?: boolean }) => {
  const words = here.words.campaign
  const { locale } = here.words
  const sent = sentOf(progress)
  const rest = progress.audience - progress.left
  return (
    <p id="stopping" {...(again && { "hx-swap-oob": "true" })}>
      {sent === 0
        ? words.stopUnsent(rest)
        : words.stopSent(grouped(sent, locale), grouped(progress.audience, locale), grouped(rest, locale))}
    </p>
  )
}
