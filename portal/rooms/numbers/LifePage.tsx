/** The life of one number in one campaign; masked, until somebody who may shows it with a reason. */

import { describedBy, Field, Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { Name, Sentence } from "#portal/views/Sentence.tsx"
import type { Here } from "#portal/visit.ts"
import type { NumberLife } from "#schema/ledger/NumberLife.ts"
import { OutcomeMark } from "./OutcomeMark.tsx"
import { maySearch } from "./SearchPage.tsx"
import { Timeline } from "./Timeline.tsx"

/** What was asked and refused: nothing that was typed is lost. */
export interface RefusedAct {
  readonly act: "reveal" | "proof"
  readonly reason: string
  readonly said: string
}

interface Props {
  readonly here: Here
  readonly life: NumberLife
  /** In the clear: this once. */
  readonly shown?: number
  readonly refused?: RefusedAct
}

export const LifePage = ({ here, life, refused, shown }: Props) => {
  const { numbers: words } = here.words
  const { campaign } = life
  const path = `/w/${here.workspace.id}/campaigns/${campaign.id}`
  const number = shown === undefined ? `+${life.number}` : `+${shown}`
  return (
    <Frame here={here} title={`${number} · ${campaign.name}`} place={maySearch(here) ? "numbers" : "campaigns"}>
      <Heading
        title={number}
        up={{ href: path, label: campaign.name }}
        aside={<OutcomeMark outcome={life.outcome} words={here.words} />}
      >
        {shown !== undefined && <SearchAll here={here} number={shown} />}
      </Heading>
      <div class="grid max-w-3xl gap-6">
        <div class="grid gap-1">
          <p>
            <Sentence
              words={words.inCampaign}
              parts={{
                campaign: (
                  <a class="underline underline-offset-4" href={path}>
                    <bdi>{campaign.name}</bdi>
                  </a>
                ),
                sender: <Name>{campaign.saddr}</Name>
              }}
            />
          </p>
          <p class="text-muted-foreground">{words.meanings[life.outcome]}</p>
        </div>
        {shown !== undefined && (
          <p role="status" class="rounded-md border p-3">
            {words.revealed}
          </p>
        )}
        <Timeline here={here} life={life} />
        {maySearch(here) ? (
          <div class="grid gap-3">
            {shown === undefined && <Asking act="reveal" here={here} life={life} refused={refused} />}
            {campaign.is_sealed ? (
              <Asking act="proof" here={here} life={life} refused={refused} />
            ) : (
              <p class="text-sm text-muted-foreground">{words.proofLater}</p>
            )}
          </div>
        ) : (
          <p class="text-sm text-muted-foreground">
            {words.masked} {words.onlyModerators}
          </p>
        )}
      </div>
    </Frame>
  )
}

const SearchAll = ({ here, number }: { here: Here; number: number }) => (
  <form method="post" action={`/w/${here.workspace.id}/numbers`}>
    <input type="hidden" name="number" value={`+${number}`} />
    <button type="submit" class="btn-outline">
      {here.words.numbers.everything}
    </button>
  </form>
)

interface AskingProps {
  readonly act: "reveal" | "proof"
  readonly here: Here
  readonly life: NumberLife
  readonly refused: RefusedAct | undefined
}

/** A form that asks why, closed until it is wanted. */
const Asking = ({ act, here, life, refused }: AskingProps) => {
  const { numbers: words } = here.words
  const own = refused?.act === act ? refused : undefined
  const id = `${act}-reason`
  const help = act === "reveal" ? words.reasonHelp : words.proofHelp
  const path = `/w/${here.workspace.id}/campaigns/${life.campaign.id}/numbers/${life.lane_id}/${life.seq}/${act}`
  return (
    <details class="group rounded-md border p-3" open={own !== undefined}>
      <summary class="cursor-pointer font-medium before:mr-1.5 before:content-['▸'] group-open:before:content-['▾']">
        {act === "reveal" ? words.revealTitle : words.proofTitle}
      </summary>
      <form method="post" action={path} class="grid gap-3 pt-3">
        <Refusal said={own?.said} />
        <Field name={id} label={words.reason} help={help}>
          <textarea
            id={id}
            name="reason"
            class="textarea"
            rows={2}
            maxlength={2000}
            required
            aria-describedby={describedBy(id, undefined, help)}
          >
            {own?.reason ?? ""}
          </textarea>
        </Field>
        <p>
          <button type="submit" class={act === "reveal" ? "btn" : "btn-outline"}>
            {act === "reveal" ? words.reveal : words.proof}
          </button>
        </p>
      </form>
    </details>
  )
}
