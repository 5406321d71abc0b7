/** Where somebody comes in: their workspace if there is one, else a choice. */
import { Effect } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import { go } from "#portal/htmx.ts"
import { Frame } from "#portal/views/Frame.tsx"
import type { Env } from "#portal/visit.ts"

export const home = ({ signedIn }: Answers) =>
  new Hono<Env>().get(
    "/",
    signedIn((who) => {
      const { frame } = who.words
      const [first] = who.workspaces
      if (who.workspaces.length === 1) return Effect.succeed(go(who.c, `/w/${first!.id}`))
      return Effect.succeed(
        <Frame here={who} title={frame.choose} place="overview">
          <h1 class="pb-4 text-2xl font-semibold">{frame.choose}</h1>
          {first === undefined && <p>{frame.none}</p>}
          <ul class="flex flex-col gap-2">
            {who.workspaces.map(({ id, name }) => (
              <li>
                <a class="underline underline-offset-4" href={`/w/${id}`}>
                  {name}
                </a>
              </li>
            ))}
          </ul>
        </Frame>
      )
    })
  )
