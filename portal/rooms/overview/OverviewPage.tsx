import type { Child } from "hono/jsx"
import { refreshed } from "#portal/live/refreshed.ts"
import { NewCampaign } from "#portal/rooms/wizard/NewCampaign.tsx"
import { Count, grouped } from "#portal/views/Count.tsx"
import { Empty } from "#portal/views/Empty.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { State } from "#portal/views/State.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import type { Listed, Page } from "#schema/campaign/CampaignList.ts"
import type { DailyTraffic } from "#schema/campaign/DailyTraffic.ts"
import type { Page as Queue } from "#schema/campaign/ReviewQueue.ts"

export interface Seen {
  readonly queue: Queue
  readonly drafts: Page
  readonly toStart: Page
  readonly running: Page
  readonly traffic: DailyTraffic
}

/** Of each kind: the rest is a list away. */
const MOST = 5

export const OverviewPage = ({ here, seen }: { here: Here; seen: Seen }) => {
  const words = here.words.overview
  return (
    <Frame here={here} title={words.title} place="overview">
      <Heading title={words.title}>
        <NewCampaign here={here} />
      </Heading>
      <div class="grid max-w-5xl grid-cols-1 gap-8">
        <NeedsYou here={here} seen={seen} />
        <Running here={here} running={seen.running.campaigns} />
        <Today here={here} traffic={seen.traffic} />
      </div>
    </Frame>
  )
}

/** live: how it asks for itself anew, in place. */
const Part = ({
  children,
  id,
  live,
  title
}: {
  id: string
  title: string
  live?: Readonly<Record<string, string>>
  children: Child
}) => (
  <section id={`${id}-part`} aria-labelledby={id} {...live}>
    <h2 id={id} class="pb-3 text-lg font-semibold">
      {title}
    </h2>
    {children}
  </section>
)

interface Due {
  readonly href: string
  readonly name: string
  readonly why: Child
  readonly act: string
}

/** What they may do something about, the most urgent first: what waits for their decision, for their Start, for their pen. */
const dueOf = (here: Here, { drafts, queue, toStart }: Seen): ReadonlyArray<Due> => {
  const words = here.words.overview
  const path = `/w/${here.workspace.id}`
  const mine = (one: Listed) => here.workspace.role !== "author" || one.author_id === here.me.id
  const draft = (one: Listed): Due => ({
    href: `${path}/campaigns/${one.id}`,
    name: one.name,
    why: words.draftOf,
    act: words.goOn
  })
  return [
    ...queue.campaigns
      .filter(({ why_not }) => why_not === null)
      .slice(0, MOST)
      .map((one) => ({
        href: `${path}/moderation/campaigns/${one.id}`,
        name: one.name,
        why: words.reviewOf(one.author),
        act: words.review
      })),
    ...toStart.campaigns
      .filter(mine)
      .slice(0, MOST)
      .map((one) => ({
        href: `${path}/campaigns/${one.id}`,
        name: one.name,
        why: words.waitsForStart,
        act: words.start
      })),
    ...drafts.campaigns.slice(0, MOST).map(draft)
  ]
}

const NeedsYou = ({ here, seen }: { here: Here; seen: Seen }) => {
  const words = here.words.overview
  const due = dueOf(here, seen)
  const more = seen.queue.campaigns.filter(({ why_not }) => why_not === null).length - MOST
  return (
    <Part
      id="needs-you"
      title={words.needsYou}
      live={refreshed(`/w/${here.workspace.id}`, ["campaign"], { select: "#needs-you-part" })}
    >
      {due.length === 0 ? (
        <Empty title={words.nothing} help={words.nothingHelp} />
      ) : (
        <ul class="divide-y rounded-md border">
          {due.map((one) => (
            <li class="flex flex-wrap items-center justify-between gap-3 p-3">
              <div class="min-w-0">
                <p class="truncate font-medium">
                  <bdi>{one.name}</bdi>
                </p>
                <p class="text-sm text-muted-foreground">{one.why}</p>
              </div>
              <a class="btn-outline" href={one.href} aria-label={`${one.act}: ${one.name}`}>
                {one.act}
              </a>
            </li>
          ))}
        </ul>
      )}
      {more > 0 && (
        <p class="pt-3">
          <a class="underline underline-offset-4" href={`/w/${here.workspace.id}/moderation`}>
            {words.moreInReview(more)}
          </a>
        </p>
      )}
    </Part>
  )
}

export const Running = ({ here, running }: { here: Here; running: ReadonlyArray<Listed> }) => {
  const words = here.words.overview
  const { locale } = here.words
  return (
    <Part
      id="running"
      title={words.running}
      live={refreshed(`/w/${here.workspace.id}/running`, ["campaign"], { moving: running.length > 0 })}
    >
      {running.length === 0 ? (
        <Empty title={words.noneRunning} help={words.noneRunningHelp} />
      ) : (
        <ul class="divide-y rounded-md border">
          {running.map((one) => (
            <li class="grid grid-cols-1 gap-2 p-3">
              <p class="flex flex-wrap items-center justify-between gap-3">
                <a
                  class="min-w-0 truncate font-medium underline-offset-4 hover:underline"
                  href={`/w/${here.workspace.id}/campaigns/${one.id}`}
                >
                  <bdi>{one.name}</bdi>
                </a>
                <State state={one.state} words={here.words} />
              </p>
              <progress class="w-full" max={Math.max(1, one.audience)} value={one.delivered} aria-label={one.name} />
              <p class="text-sm text-muted-foreground">
                {words.of(grouped(one.delivered, locale), grouped(one.audience, locale))}
                {one.opened_at !== null && (
                  <>
                    {" · "}
                    <When at={one.opened_at} here={here} />
                  </>
                )}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Part>
  )
}

const Today = ({ here, traffic }: { here: Here; traffic: DailyTraffic }) => {
  const words = here.words.overview
  const { today, usual } = traffic
  const figures = [
    [today.accepted, words.sent],
    [today.delivered, words.delivered],
    [today.failed, words.failed]
  ] as const
  return (
    <Part id="today" title={words.today}>
      <dl class="flex flex-wrap gap-x-10 gap-y-3">
        {figures.map(([n, what]) => (
          <div class="flex flex-col-reverse">
            <dt class="text-sm text-muted-foreground">{what}</dt>
            <dd class="text-2xl font-semibold">
              <Count n={n} visit={here} />
            </dd>
          </div>
        ))}
      </dl>
      <p class="pt-3 text-muted-foreground">
        {words.campaigns(today.campaigns)}.{" "}
        {usual === null ? words.noUsual : words.usual(grouped(usual, here.words.locale))}
      </p>
    </Part>
  )
}
