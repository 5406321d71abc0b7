/** A moment, by the reader's clock, with the workspace's beside it where they differ; exact on hover. */

import type { Here } from "#portal/visit.ts"
import { isSameClock, sayMoment } from "#portal/words/times.ts"

export const When = ({ at, here }: { at: Date; here: Here }) => {
  const { locale } = here.words
  const zone = here.workspace.time_zone
  const own = here.zone ?? zone
  const { exact, short } = sayMoment(at, here.now, locale, own)
  const there = isSameClock(at, own, zone) ? undefined : sayMoment(at, here.now, locale, zone)
  return (
    <span class="whitespace-nowrap">
      <time datetime={at.toISOString()} title={exact}>
        {short}
      </time>
      {there !== undefined && (
        <span class="text-muted-foreground" title={there.exact}>
          {` (${there.short} ${zone})`}
        </span>
      )}
    </span>
  )
}
