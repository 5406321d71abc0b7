/**
 * The wizard: a campaign from its name to the page on which it is submitted. What is written is kept at each step, in a draft that may be
 * left and gone on with; whom it is for is asked in a room of its own (rooms/audience), and the last step is the campaign's own page.
 */
import { Effect } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import { form, formOfMany } from "#portal/form.ts"
import { go } from "#portal/htmx.ts"
import type { Env, Here } from "#portal/visit.ts"
import * as Campaigns from "#schema/campaign/Campaigns.ts"
import { type Draft, draft, readyToBeFed, withMode } from "#schema/campaign/Draft.ts"
import { forecast } from "#schema/campaign/Forecasts.ts"
import { channelsOf } from "#schema/people/Workspaces.ts"
import { Refused } from "#schema/Refused.ts"
import { approvedSenders } from "#schema/sender/Senders.ts"
import { charsetOf, countedOn, replaced } from "./counted.ts"
import { type Choice, CounterOf, chosen, MessagePage, type Written } from "./MessagePage.tsx"
import { MODES, type Named, NamePage } from "./NamePage.tsx"
import { SchedulePage } from "./SchedulePage.tsx"
import { stepPath } from "./Steps.tsx"
import { contentOf, type Scheduled, scheduleOf, scheduleTyped } from "./scheduled.ts"

export const wizard = ({ here }: Answers) =>
  new Hono<Env>()
    .get(
      "/new",
      here((visit) =>
        Effect.map(mayWrite(visit), () => (
          <NamePage here={visit} draft={undefined} typed={{ name: "", mode: "on_demand" }} />
        ))
      )
    )
    .post("/new", here(create))
    .get(
      "/:campaign/name",
      here((visit) => onDraft(visit, (was) => Effect.succeed(<NamePage here={visit} draft={was} typed={was} />)))
    )
    .post("/:campaign/name", here(rename))
    .get(
      "/:campaign/message",
      here((visit) =>
        onDraft(visit, (was) =>
          Effect.map(choiceOf(visit), (choice) => (
            <MessagePage here={visit} draft={was} choice={choice} written={writtenIn(was)} />
          ))
        )
      )
    )
    .post("/:campaign/message", here(write))
    .post("/:campaign/message/count", here(count))
    .get(
      "/:campaign/schedule",
      here((visit) => onDraft(visit, (was) => schedulePage(visit, was, scheduleOf(was))))
    )
    .post("/:campaign/schedule", here(schedule))

/** Said by the database too, but before somebody has written anything. */
const mayWrite = ({ words, workspace }: Here) =>
  workspace.role === "moderator"
    ? Effect.fail(new Refused({ reason: "Forbidden", message: words.wizard.mayNot }))
    : Effect.void

const noSuch = new Refused({ reason: "NotFound", message: "there is no such campaign" })

/** Of a campaign that is no draft any more its own page is shown. */
const onDraft = Effect.fnUntraced(function* <A, E, R>(visit: Here, then: (was: Draft) => Effect.Effect<A, E, R>) {
  const id = visit.c.req.param("campaign") ?? ""
  if (!/^[1-9]\d{0,8}$/.test(id)) return yield* noSuch
  const was = yield* visit.acting(draft(Number(id)))
  if (was === undefined) return yield* noSuch
  if (was.state !== "draft") return go(visit.c, stepPath(visit, was.id, "review"))
  yield* mayWrite(visit)
  return yield* then(was)
})

/** Those that a form can say. */
const STATUS: Partial<Record<Refused["reason"], 400 | 409>> = { Invalid: 400, Conflict: 409, NotFound: 409 }

/** Does what a form asks for; what is refused is said above the form, with all that was typed. */
const kept = Effect.fnUntraced(function* <A, E, R, B, E2, R2>(
  visit: Here,
  act: Effect.Effect<A, E, R>,
  to: (made: A) => string,
  again: (said: string) => Effect.Effect<B, E2, R2>
) {
  const made = yield* Effect.result(visit.acting(act))
  if (made._tag === "Success") return go(visit.c, to(made.success))
  const { failure } = made
  const status = failure instanceof Refused ? STATUS[failure.reason] : undefined
  if (status === undefined) return yield* Effect.fail(failure)
  visit.c.status(status)
  return yield* again((failure as Refused).message)
})

const namedIn = (typed: (name: string) => string): Named => ({
  name: typed("name").trim(),
  mode: MODES.find((mode) => mode === typed("mode")) ?? "on_demand"
})

/** By all of the workspace's channels: fewer is a choice. */
const create = Effect.fnUntraced(function* (visit: Here) {
  yield* mayWrite(visit)
  const typed = namedIn(yield* form(visit.c))
  return yield* kept(
    visit,
    Effect.gen(function* () {
      const channels = yield* channelsOf(visit.workspace.id)
      return yield* Campaigns.create(
        typed,
        channels.map(({ id }) => id)
      )
    }),
    ({ campaignId }) => stepPath(visit, campaignId, "message"),
    (said) => Effect.succeed(<NamePage here={visit} draft={undefined} typed={typed} said={said} />)
  )
})

const rename = (visit: Here) =>
  onDraft(visit, (was) =>
    Effect.gen(function* () {
      const typed = namedIn(yield* form(visit.c))
      return yield* kept(
        visit,
        withMode(was, typed.name, typed.mode),
        () => stepPath(visit, was.id, "message"),
        (said) => Effect.succeed(<NamePage here={visit} draft={was} typed={typed} said={said} />)
      )
    })
  )

const choiceOf = (visit: Here) =>
  visit.acting(Effect.all({ senders: approvedSenders(visit.workspace.id), channels: channelsOf(visit.workspace.id) }))

const writtenIn = (was: Draft): Written => ({
  revision: was.sender_revision_id,
  channels: was.channels,
  text: was.text
})

/** A form's line breaks are two characters each, a message's one. */
const typedText = (text: string | undefined): string => (text ?? "").replaceAll("\r\n", "\n")

const typedMessage = Effect.fnUntraced(function* (visit: Here) {
  const many = yield* formOfMany(visit.c)
  const ids = many("channel").filter((id) => /^\d{1,9}$/.test(id))
  const sender = many("sender")[0] ?? ""
  return {
    many,
    written: {
      revision: /^\d{1,9}$/.test(sender) ? Number(sender) : null,
      channels: ids.map(Number),
      text: typedText(many("text")[0])
    } satisfies Written
  }
})

/** As one types: nothing is kept. */
const count = (visit: Here) =>
  onDraft(visit, () =>
    Effect.gen(function* () {
      const { written } = yield* typedMessage(visit)
      return <CounterOf here={visit} choice={yield* choiceOf(visit)} written={written} />
    })
  )

/** What is missing, in words; or what is kept. */
const messageOf = ({ wizard }: Here["words"], choice: Choice, written: Written) => {
  const { revision, text } = written
  const channels = chosen(choice, written)
  const { parts, problem } = countedOn(text, channels)
  if (revision === null) return wizard.noSender
  if (channels.length === 0) return wizard.noChannel
  if (text.trim() === "") return wizard.noText
  if (problem !== undefined) return problem === "tooLong" ? wizard.tooLong("10") : wizard.differs
  return { senderRevisionId: revision, text, segments: parts }
}

const write = (visit: Here) =>
  onDraft(visit, (was) =>
    Effect.gen(function* () {
      const choice = yield* choiceOf(visit)
      const { many, written } = yield* typedMessage(visit)
      const again = (more: { readonly said?: string; readonly text?: string }) =>
        Effect.succeed(
          <MessagePage
            here={visit}
            draft={was}
            choice={choice}
            written={{ ...written, text: more.text ?? written.text }}
            said={more.said}
          />
        )
      const [which] = many("replace")
      if (which !== undefined)
        return yield* again({ text: replaced(written.text, which, charsetOf(chosen(choice, written))) })
      if (many("count").length > 0) return yield* again({})
      const content = messageOf(visit.words, choice, written)
      if (typeof content === "string") {
        visit.c.status(400)
        return yield* again({ said: content })
      }
      return yield* kept(
        visit,
        Effect.gen(function* () {
          yield* Campaigns.edit(was.id, content)
          for (const { id } of was.lanes) yield* Campaigns.chooseChannels(id, written.channels)
        }),
        () => stepPath(visit, was.id, was.mode === "trigger" ? "schedule" : "audience"),
        (said) => again({ said })
      )
    })
  )

const schedulePage = Effect.fnUntraced(function* (visit: Here, was: Draft, typed: Scheduled, said?: string) {
  const outlook = was.lanes.some(({ recipients }) => recipients > 0) ? yield* visit.acting(forecast(was.id)) : undefined
  const skipped = visit.c.req.query("skipped")
  return (
    <SchedulePage
      here={visit}
      draft={was}
      schedule={typed}
      forecast={outlook}
      said={said}
      skipped={skipped?.slice(0, 20)}
    />
  )
})

const schedule = (visit: Here) =>
  onDraft(visit, (was) =>
    Effect.gen(function* () {
      const typed = yield* form(visit.c)
      const wanted = scheduleTyped(typed)
      const again = (said: string) => schedulePage(visit, was, wanted, said)
      const content = contentOf(wanted, was, visit.words.wizard)
      if (typeof content === "string") {
        visit.c.status(400)
        return yield* again(content)
      }
      const stays = typed("stay") === "yes"
      return yield* kept(
        visit,
        Effect.gen(function* () {
          yield* Campaigns.edit(was.id, content)
          const now = (yield* draft(was.id))!
          if (now.mode === "trigger" && now.ends !== null) yield* readyToBeFed(now)
          return now
        }),
        (now) => {
          const typedStart = wanted.starts.replace("T", " ")
          const isSkipped = typedStart !== "" && now.starts !== null && now.starts.local !== typedStart
          const path = stepPath(visit, was.id, stays || isSkipped ? "schedule" : "review")
          return isSkipped ? `${path}?skipped=${encodeURIComponent(typedStart)}` : path
        },
        again
      )
    })
  )
