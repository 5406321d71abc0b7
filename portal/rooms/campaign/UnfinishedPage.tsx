/** A draft that is still being written, as those see it who don't write it. */
import { Empty } from "#portal/views/Empty.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { State } from "#portal/views/State.tsx"
import type { Here } from "#portal/visit.ts"
import type { Draft } from "#schema/campaign/Draft.ts"

export const UnfinishedPage = ({ draft, here }: { here: Here; draft: Draft }) => {
  const words = here.words.wizard
  return (
    <Frame here={here} title={draft.name} place="campaigns">
      <Heading
        title={draft.name}
        up={{ href: `/w/${here.workspace.id}/campaigns`, label: here.words.campaigns.title }}
        aside={<State state={draft.state} words={here.words} />}
      />
      <Empty title={words.unfinished} help={words.unfinishedHelp} />
    </Frame>
  )
}
