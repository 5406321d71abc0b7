/** How fast a campaign is sent: a chart where the browser can draw one (scripts/pace.js), and the same as a table. */
import { grouped } from "#portal/views/Count.tsx"
import { Part } from "#portal/views/evidence/Facts.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import type { Pace as Figures, Span } from "#schema/campaign/Pace.ts"
import { pathOf } from "./CampaignPage.tsx"

interface Props {
  readonly here: Here
  readonly campaignId: number
  readonly span: Span
  readonly pace: Figures
}

/** Rows of the table, none of which is shorter than a minute. */
const MOST = 20
const MINUTE_S = 60

export const Pace = ({ campaignId, here, pace, span }: Props) => {
  const words = here.words.campaign.paced
  const path = pathOf(here, campaignId)
  const spans = [
    { name: "recent", label: words.recent },
    { name: "whole", label: words.whole }
  ] as const
  return (
    <Part id="pace" title={words.title}>
      <ul class="flex flex-wrap gap-1">
        {spans.map(({ label, name }) => (
          <li>
            <a
              href={`${path}?pace=${name}#pace`}
              aria-current={name === span ? "true" : undefined}
              class="inline-flex rounded-md px-2.5 py-1 hover:bg-muted aria-[current=true]:bg-muted aria-[current=true]:font-semibold"
            >
              {label}
            </a>
          </li>
        ))}
      </ul>
      {/* what the script draws stays when the page around it is put in anew */}
      <div
        id={`pace-${span}`}
        hx-morph-skip=""
        aria-hidden="true"
        class="min-h-56 text-foreground"
        data-pace={`${path}/pace?span=${span}`}
        data-from={words.from}
        data-sent={words.sent}
        data-planned={words.planned}
        data-contract={words.contract}
      />
      <details>
        <summary class="w-fit cursor-pointer text-sm underline underline-offset-4">{words.table}</summary>
        <Table here={here} pace={pace} />
      </details>
      <script src={here.href("pace.js")} defer />
    </Part>
  )
}

const Table = ({ here, pace }: { here: Here; pace: Figures }) => {
  const words = here.words.campaign.paced
  const { locale } = here.words
  const { contract, messages, planned, step_s } = pace
  const together = Math.ceil(Math.max(messages.length / MOST, MINUTE_S / step_s))
  const rows = Array.from({ length: Math.ceil(messages.length / together) }, (_, i) => {
    const steps = messages.slice(i * together, (i + 1) * together)
    const n = steps.reduce((sum, one) => sum + one, 0)
    return { at: new Date(pace.from_ms + i * together * step_s * 1_000), n, perSecond: n / (steps.length * step_s) }
  })
  const rounded = (n: number) => grouped(Math.round(n * 10) / 10, locale)
  return (
    <>
      <p class="py-2 text-sm text-muted-foreground">
        {[
          planned === null ? words.noPlan : `${words.planned}: ${rounded(planned)}`,
          ...(contract === null ? [] : [`${words.contract}: ${rounded(contract)}`])
        ].join(" · ")}
      </p>
      <div class="overflow-x-auto">
        <table class="table max-w-xl text-sm">
          <thead>
            <tr>
              <th scope="col">{words.from}</th>
              <th scope="col" class="text-right">
                {words.messages}
              </th>
              <th scope="col" class="text-right">
                {words.sent}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ at, n, perSecond }) => (
              <tr>
                <td>
                  <When at={at} here={here} />
                </td>
                <td class="text-right">{grouped(n, locale)}</td>
                <td class="text-right">{rounded(perSecond)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
