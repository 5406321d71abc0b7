/**
 * The stop list, by who manages the workspace. A number in the clear is in no address, and in no page but the answer to who typed it; each
 * look for one is in the audit.
 */
import { Effect } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import { form } from "#portal/form.ts"
import { go } from "#portal/htmx.ts"
import { normaliser } from "#portal/rooms/numbers/room.tsx"
import type { Env, Here } from "#portal/visit.ts"
import * as StopList from "#schema/people/StopList.ts"
import type { Refused } from "#schema/Refused.ts"
import { reasonOf } from "#schema/text/Msisdn.ts"
import { type Back, type Looked, MOST_ADDED, StopListPage } from "./StopListPage.tsx"

export const stopList = ({ here }: Answers) =>
  new Hono<Env>()
    .get(
      "/",
      here((visit) => page(visit, { done: doneIn(visit) }))
    )
    .post("/find", here(find))
    .post("/add", here(add))
    .post("/remove", here(remove))

const page = Effect.fnUntraced(function* (
  visit: Here,
  shown: { readonly done?: string | undefined; readonly looked?: Looked; readonly back?: Back }
) {
  const list = yield* visit.acting(StopList.newest())
  return <StopListPage here={visit} list={list} {...shown} />
})

/** The page with the form as it was typed, for 400. */
const again = Effect.fnUntraced(function* (visit: Here, back: Back, looked?: Looked) {
  const shown = yield* page(visit, { back, ...(looked && { looked }) })
  visit.c.status(400)
  return shown
})

const doneIn = (visit: Here): string | undefined => {
  const words = visit.words.settings.stopList
  const count = (name: string) => /^\d{1,4}$/.exec(visit.c.req.query(name) ?? "")?.[0]
  const [added, removed] = [count("added"), count("removed")]
  if (added !== undefined) return Number(added) === 0 ? words.noneAdded : words.added(Number(added))
  if (removed !== undefined) return Number(removed) === 0 ? words.wasNotOn : words.removed
  return undefined
}

const find = Effect.fnUntraced(function* (visit: Here) {
  const typed = (yield* form(visit.c))("number").trim().slice(0, 64)
  const number = (yield* normaliser(visit)).ofText(typed)
  if (number < 0) {
    const error = visit.words.numbers.reasons[reasonOf(number)]
    return yield* again(visit, { form: "find", number: typed, error })
  }
  const found = yield* visit.acting(StopList.find(number))
  return yield* page(visit, { looked: { number, found } })
})

/** Lines that are named; of more, how many. */
const MOST_NAMED = 10

const add = Effect.fnUntraced(function* (visit: Here) {
  const words = visit.words.settings.stopList
  const read = yield* form(visit.c)
  const typed = { form: "add", numbers: read("numbers"), cause: read("cause") } as const
  const { ofText } = yield* normaliser(visit)
  const lines = typed.numbers.split(/\r\n?|\n/).map((text, i) => ({ line: i + 1, text: text.trim() }))
  const asked = lines.filter(({ text }) => text !== "")
  if (asked.length === 0) return yield* again(visit, { ...typed, error: words.empty })
  if (asked.length > MOST_ADDED) return yield* again(visit, { ...typed, error: words.tooMany(MOST_ADDED) })
  const numbers = asked.map(({ line, text }) => ({ line, number: ofText(text.slice(0, 64)) }))
  const wrong = numbers.filter(({ number }) => number < 0)
  if (wrong.length > 0) {
    const error = (
      <ul>
        {wrong.slice(0, MOST_NAMED).map(({ line, number }) => (
          <li>
            {words.line.replace("{line}", String(line)).replace("{why}", visit.words.numbers.reasons[reasonOf(number)])}
          </li>
        ))}
        {wrong.length > MOST_NAMED && <li>{words.moreLines(wrong.length - MOST_NAMED)}</li>}
      </ul>
    )
    return yield* again(visit, { ...typed, error })
  }
  const adding = StopList.add(
    numbers.map(({ number }) => number),
    typed.cause
  )
  const added = yield* Effect.result(visit.acting(adding))
  if (added._tag === "Success") return go(visit.c, `${pathOf(visit)}?added=${added.success}`)
  if (!isSaid(added.failure)) return yield* added.failure
  return yield* again(visit, { ...typed, said: added.failure.message })
})

const remove = Effect.fnUntraced(function* (visit: Here) {
  const read = yield* form(visit.c)
  const [number] = /^[1-9]\d{0,14}$/.exec(read("number")) ?? []
  if (number === undefined) {
    const error = visit.words.numbers.reasons["not a number"]
    return yield* again(visit, { form: "find", number: read("number").slice(0, 64), error })
  }
  const reason = read("reason")
  const removed = yield* Effect.result(visit.acting(StopList.remove([Number(number)], reason)))
  if (removed._tag === "Success") return go(visit.c, `${pathOf(visit)}?removed=${removed.success}`)
  if (!isSaid(removed.failure)) return yield* removed.failure
  const found = yield* visit.acting(StopList.find(Number(number)))
  const back: Back = { form: "remove", reason, said: removed.failure.message }
  return yield* again(visit, back, { number: Number(number), found })
})

const pathOf = ({ workspace }: Here) => `/w/${workspace.id}/settings/stop-list`

/** What the form can say beside what was typed. */
const isSaid = ({ reason }: Refused): boolean => reason === "Invalid"
