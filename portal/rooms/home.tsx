/** Where somebody comes in: their workspace if there is one, else a choice. */
import { Effect } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import { go } from "#portal/htmx.ts"
import { Empty } from "#portal/views/Empty.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import type { Env } from "#portal/visit.ts"

export const home = ({ signedIn }: Answers) =>
  new Hono<Env>().get(
    "/",
    signedIn((who) => {
      const { frame } = who.words
      const [first] = who.workspaces
      if (who.workspaces.length === 1) return Effect.succeed(go(who.c, `/w/${first!.id}`))
      if (first === undefined && who.me.super_admin) return Effect.succeed(go(who.c, "/master"))
      return Effect.succeed(
        <Frame here={who} title={frame.choose} place="home">
          <Heading title={frame.choose} />
          {first === undefined && (
            <Empty title={frame.none} help={frame.noneHelp}>
              <p class="pt-3">
                <a class="btn-outline" href="/me#join">
                  {who.words.own.ask}
                </a>
              </p>
            </Empty>
          )}
          <ul class="grid max-w-3xl gap-3 sm:grid-cols-2">
            {who.workspaces.map(({ colour, id, name }) => (
              <li class="min-w-0">
                <a class="flex items-center gap-3 rounded-md border p-3 hover:bg-muted" href={`/w/${id}`}>
                  <span aria-hidden="true" class={`h-8 w-2 shrink-0 rounded-full band band-${colour}`} />
                  <bdi class="min-w-0 font-medium">{name}</bdi>
                </a>
              </li>
            ))}
          </ul>
        </Frame>
      )
    })
  )
