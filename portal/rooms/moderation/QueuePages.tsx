/** What waits for a decision: campaigns, and sender names, the longest waiting first. */
import type { Child } from "hono/jsx"
import { refreshed } from "#portal/live/refreshed.ts"
import { Count, grouped } from "#portal/views/Count.tsx"
import { Empty } from "#portal/views/Empty.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import { sayDuration } from "#portal/words/durations.ts"
import { sayMoment } from "#portal/words/times.ts"
import type { Page, Waiting } from "#schema/campaign/ReviewQueue.ts"
import type { PendingRevision } from "#schema/sender/Revisions.ts"

/** How many wait in each queue. */
export interface Counts {
  readonly campaigns: number
  readonly revisions: number
}

const Queues = ({
  children,
  here,
  queue,
  waiting
}: {
  here: Here
  queue: keyof Counts
  waiting: Counts
  children: Child
}) => {
  const words = here.words.moderation
  const path = `/w/${here.workspace.id}/moderation`
  const { pathname, search } = new URL(here.c.req.url)
  const tabs = [
    { href: path, name: "campaigns" },
    { href: `${path}/revisions`, name: "revisions" }
  ] as const
  return (
    <Frame here={here} title={words.title} place="moderation">
      <Heading title={words.title} />
      <div id="queue" {...refreshed(pathname + search, ["campaign", "sender"], { select: "#queue" })}>
        <ul class="flex flex-wrap gap-1 pb-4">
          {tabs.map(({ href, name }) => (
            <li>
              <a
                href={href}
                aria-current={queue === name ? "true" : undefined}
                class="inline-flex gap-1.5 rounded-md px-2.5 py-1 hover:bg-muted aria-[current=true]:bg-muted aria-[current=true]:font-semibold"
              >
                {words[name]} <span class="text-muted-foreground">{grouped(waiting[name], here.words.locale)}</span>
              </a>
            </li>
          ))}
        </ul>
        {children}
      </div>
    </Frame>
  )
}

/** Since when it waits, exact on hover. */
const Age = ({ here, seconds, since }: { here: Here; seconds: number; since: Date }) => {
  const { locale } = here.words
  const { exact } = sayMoment(since, here.now, locale, here.zone ?? here.workspace.time_zone)
  return (
    <time datetime={since.toISOString()} title={exact} class="whitespace-nowrap">
      {sayDuration(seconds * 1_000, locale)}
    </time>
  )
}

/** after: as the address has it; 0: this is the beginning. */
export const CampaignQueue = ({
  after,
  here,
  page,
  waiting
}: {
  here: Here
  page: Page
  after: number
  waiting: Counts
}) => {
  const words = here.words.moderation
  const path = `/w/${here.workspace.id}/moderation`
  return (
    <Queues here={here} queue="campaigns" waiting={waiting}>
      {page.campaigns.length === 0 ? (
        <Empty title={words.none} help={words.noneHelp} />
      ) : (
        <div class="overflow-x-auto">
          <table class="table w-full">
            <thead>
              <tr>
                <th scope="col">{words.name}</th>
                <th scope="col">{words.waits}</th>
                <th scope="col">{words.author}</th>
                <th scope="col" class="text-right">
                  {words.recipients}
                </th>
                <th scope="col">{words.starts}</th>
                <th scope="col">{words.approvals}</th>
                <th scope="col">{words.you}</th>
              </tr>
            </thead>
            <tbody>
              {page.campaigns.map((one) => (
                <Row here={here} one={one} path={path} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p class="flex gap-2 pt-4 empty:hidden">
        {after > 0 && (
          <a class="btn-outline" href={path}>
            {words.first}
          </a>
        )}
        {page.next !== null && (
          <a class="btn-outline" href={`${path}?after=${page.next}`} rel="next">
            {words.more}
          </a>
        )}
      </p>
    </Queues>
  )
}

const Row = ({ here, one, path }: { here: Here; one: Waiting; path: string }) => {
  const words = here.words.moderation
  const { locale } = here.words
  return (
    <tr>
      <td class="max-w-80 truncate">
        <a href={`${path}/campaigns/${one.id}`} class="font-medium underline-offset-4 hover:underline">
          <bdi>{one.name}</bdi>
        </a>
      </td>
      <td>
        <Age here={here} seconds={one.age_seconds} since={one.submitted_at} />
      </td>
      <td>
        <bdi>{one.author}</bdi>
      </td>
      <td class="text-right">
        <Count n={one.recipients} visit={here} />
      </td>
      <td>{one.starts_at === null ? words.at_once : <When at={one.starts_at} here={here} />}</td>
      <td>{words.of(grouped(one.approvals_standing, locale), grouped(one.approvals_needed, locale))}</td>
      <td>
        {one.why_not === null ? (
          <a href={`${path}/campaigns/${one.id}`} class="btn-outline" aria-label={`${words.review}: ${one.name}`}>
            {words.review}
          </a>
        ) : (
          <span class="text-muted-foreground">{words.whyNot[one.why_not]}</span>
        )}
      </td>
    </tr>
  )
}

export const RevisionQueue = ({
  here,
  pending,
  waiting
}: {
  here: Here
  pending: ReadonlyArray<PendingRevision>
  waiting: Counts
}) => {
  const words = here.words.moderation
  return (
    <Queues here={here} queue="revisions" waiting={waiting}>
      {pending.length === 0 ? (
        <Empty title={words.noRevision} help={words.noRevisionHelp} />
      ) : (
        <div class="overflow-x-auto">
          <table class="table w-full">
            <thead>
              <tr>
                <th scope="col">{words.sender}</th>
                <th scope="col">{words.waits}</th>
                <th scope="col">{words.before}</th>
                <th scope="col">{words.after}</th>
                <th scope="col">{words.author}</th>
                <th scope="col">{words.you}</th>
              </tr>
            </thead>
            <tbody>
              {pending.map((one) => (
                <RevisionRow here={here} one={one} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Queues>
  )
}

const mayDecide = ({ workspace }: Here) => workspace.role !== "author" || workspace.flagged

const RevisionRow = ({ here, one }: { here: Here; one: PendingRevision }) => {
  const words = here.words.moderation
  const href = `/w/${here.workspace.id}/moderation/revisions/${one.id}`
  return (
    <tr>
      <td class="max-w-80 truncate">
        <a href={href} class="font-medium underline-offset-4 hover:underline">
          <bdi>{one.label}</bdi>
        </a>
      </td>
      <td>
        <Age here={here} seconds={one.age_seconds} since={one.made_at} />
      </td>
      <td>
        <bdi>{one.in_force?.saddr ?? "—"}</bdi>
      </td>
      <td>
        <bdi>{one.saddr}</bdi>
      </td>
      <td>
        <bdi>{one.maker}</bdi>
      </td>
      <td>
        {one.made_by === here.me.id || !mayDecide(here) ? (
          <span class="text-muted-foreground">{one.made_by === here.me.id ? words.proposer : words.whyNot.role}</span>
        ) : (
          <a href={href} class="btn-outline" aria-label={`${words.review}: ${one.label}`}>
            {words.review}
          </a>
        )}
      </td>
    </tr>
  )
}
