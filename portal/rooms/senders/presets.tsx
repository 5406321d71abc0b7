/** Presets: sender names of the installation, granted to workspaces and taken back, by super admins in no workspace. */
import { Effect } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import { form } from "#portal/form.ts"
import { go } from "#portal/htmx.ts"
import type { Env, Person } from "#portal/visit.ts"
import type { SqlClient } from "#schema/Database.ts"
import { act } from "#schema/people/Acting.ts"
import { workspaces } from "#schema/people/Workspaces.ts"
import { Refused } from "#schema/Refused.ts"
import * as Presets from "#schema/sender/Presets.ts"
import { NewPresetPage, PresetPage, PresetsPage } from "./PresetPages.tsx"
import { NOTHING, proposalOf, proposedIn } from "./proposed.ts"

export const presets = ({ signedIn }: Answers) =>
  new Hono<Env>()
    .get(
      "/",
      signedIn((who) => Effect.map(inAll(who)(Presets.presets()), (all) => <PresetsPage who={who} presets={all} />))
    )
    .get(
      "/new",
      signedIn((who) => Effect.map(inAll(who)(Effect.void), () => <NewPresetPage who={who} proposed={NOTHING} />))
    )
    .post("/new", signedIn(create))
    .get(
      "/:preset",
      signedIn((who) => preset(who))
    )
    .post(
      "/:preset/grant",
      signedIn((who) => change(who, Presets.grant))
    )
    .post(
      "/:preset/revoke",
      signedIn((who) => change(who, Presets.revoke))
    )
    .post(
      "/:preset/archive",
      signedIn((who) => change(who, Presets.archive))
    )

/** In no workspace, where super admins look at all; to anybody else there is nothing here. */
const inAll = (who: Person): ReturnType<typeof act> =>
  who.me.super_admin
    ? act(who.token, null, who.request)
    : () => Effect.fail(new Refused({ reason: "Forbidden", message: "only a super admin may manage presets" }))

const idIn = (text: string | undefined) =>
  /^[1-9]\d{0,8}$/.test(text ?? "") ? Effect.succeed(Number(text)) : Effect.fail(noSuchPreset)

const noSuchPreset = new Refused({ reason: "NotFound", message: "there is no such preset" })

const preset = Effect.fnUntraced(function* (who: Person, said?: string) {
  const [all, places] = yield* inAll(who)(Effect.all([Presets.presets(), workspaces]))
  const id = yield* idIn(who.c.req.param("preset"))
  const one = all.find((preset) => preset.id === id)
  if (one === undefined) return yield* noSuchPreset
  return <PresetPage who={who} preset={one} workspaces={places} said={said} />
})

/** Those that the page can say beside what was asked for. */
const STATUS: Partial<Record<Refused["reason"], 400 | 409>> = { Invalid: 400, Conflict: 409 }

const create = Effect.fnUntraced(function* (who: Person) {
  const proposed = proposedIn(yield* form(who.c))
  const wanted = { ...proposalOf(proposed), label: proposed.label }
  const made = yield* Effect.result(inAll(who)(Presets.create(wanted)))
  if (made._tag === "Success") return go(who.c, `/presets/${made.success}`)
  const status = STATUS[made.failure.reason]
  if (status === undefined) return yield* made.failure
  who.c.status(status)
  return <NewPresetPage who={who} proposed={proposed} said={made.failure.message} />
})

/** workspace: of the form; an archived preset is taken back from all, whatever it says. */
const change = Effect.fnUntraced(function* (
  who: Person,
  doing: (presetId: number, workspaceId: number) => Effect.Effect<unknown, Refused, SqlClient>
) {
  const acting = inAll(who)
  const workspace = Number.parseInt((yield* form(who.c))("workspace"), 10)
  const changed = yield* acting(
    Effect.flatMap(idIn(who.c.req.param("preset")), (id) => doing(id, Number.isSafeInteger(workspace) ? workspace : 0))
  ).pipe(Effect.result)
  if (changed._tag === "Success") return go(who.c, `/presets/${who.c.req.param("preset")}`)
  const status = STATUS[changed.failure.reason]
  if (status === undefined) return yield* changed.failure
  const page = yield* preset(who, changed.failure.message)
  who.c.status(status)
  return page
})
