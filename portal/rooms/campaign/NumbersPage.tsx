/** A campaign's recipients, masked, with what became of each; from each a way to its life. */
import { OutcomeMark } from "#portal/rooms/numbers/OutcomeMark.tsx"
import { Count } from "#portal/views/Count.tsx"
import { Empty } from "#portal/views/Empty.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import type { CampaignView } from "#schema/campaign/CampaignView.ts"
import type { Situation } from "#schema/campaign/Situations.ts"
import { type LedgerRow, PAGE } from "#schema/ledger/LedgerPage.ts"
import { CampaignFrame, pathOf } from "./CampaignPage.tsx"

export interface Listed {
  readonly view: CampaignView
  readonly situation: Situation
  readonly lanes: ReadonlyArray<number>
  readonly lane: number | undefined
  readonly after: number
  readonly rows: ReadonlyArray<LedgerRow>
}

export const NumbersPage = ({ here, listed }: { here: Here; listed: Listed }) => {
  const words = here.words.campaign
  const { after, lane, lanes, rows, situation, view } = listed
  const path = `${pathOf(here, view.id)}/numbers`
  const of = (id: number, from = 0) => `${path}?lane=${id}${from > 0 ? `&after=${from}` : ""}`
  return (
    <CampaignFrame here={here} view={view} situation={situation} is="numbers">
      {lanes.length > 1 && (
        <ul class="flex flex-wrap gap-1 pb-4">
          {lanes.map((id, i) => (
            <li>
              <a class="underline underline-offset-4" href={of(id)} aria-current={id === lane ? "true" : undefined}>
                {`${words.list} ${i + 1}`}
              </a>
            </li>
          ))}
        </ul>
      )}
      {rows.length === 0 || lane === undefined ? (
        <Empty title={words.noNumbers} help={words.noNumbersHelp} />
      ) : (
        <div class="overflow-x-auto">
          <table class="table w-full">
            <thead>
              <tr>
                <th scope="col" class="text-right">
                  #
                </th>
                <th scope="col">{words.number}</th>
                <th scope="col">{words.outcome}</th>
                <th scope="col">{words.at}</th>
                <th scope="col">{words.operator}</th>
                <th scope="col" class="text-right">
                  {words.tries}
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr>
                  <td class="text-right">
                    <Count n={row.seq} visit={here} />
                  </td>
                  <td class="whitespace-nowrap tabular-nums">
                    <a class="underline underline-offset-4" href={`${path}/${lane}/${row.seq}`}>{`+${row.number}`}</a>
                  </td>
                  <td>
                    <OutcomeMark outcome={row.outcome} words={here.words} />
                  </td>
                  <td>{row.submitted_at !== null && <When at={row.submitted_at} here={here} />}</td>
                  <td class="max-w-60 truncate font-mono text-sm">{row.message_id}</td>
                  <td class="text-right">{row.tries}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {lane !== undefined && (
        <p class="flex gap-2 pt-4">
          {after > 0 && (
            <a class="btn-outline" href={of(lane)}>
              {words.firstNumbers}
            </a>
          )}
          {rows.length === PAGE && (
            <a class="btn-outline" href={of(lane, rows.at(-1)!.seq)}>
              {words.moreNumbers}
            </a>
          )}
        </p>
      )}
    </CampaignFrame>
  )
}
