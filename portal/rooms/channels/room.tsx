/** Channels: the accounts with operators, which super admins make, change, grant, and switch on and off. The engine follows at once. */
import { Effect, Redacted } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import { form } from "#portal/form.ts"
import { go } from "#portal/htmx.ts"
import type { Env, Person } from "#portal/visit.ts"
import { channels as listed } from "#schema/channel/ChannelList.ts"
import * as ChannelSettings from "#schema/channel/ChannelSettings.ts"
import { act } from "#schema/people/Acting.ts"
import { workspaces } from "#schema/people/Workspaces.ts"
import { Refused } from "#schema/Refused.ts"
import { ChannelFormPage } from "./ChannelFormPage.tsx"
import { ChannelPage, ChannelsPage } from "./ChannelPages.tsx"
import { NOTHING, settingsOf, writtenIn, writtenOf } from "./typed.ts"

export const channels = ({ signedIn }: Answers) =>
  new Hono<Env>()
    .get(
      "/",
      signedIn((who) => Effect.map(inAll(who)(listed(undefined)), (all) => <ChannelsPage who={who} channels={all} />))
    )
    .get(
      "/new",
      signedIn((who) =>
        Effect.map(inAll(who)(Effect.void), () => <ChannelFormPage who={who} of={undefined} written={NOTHING} />)
      )
    )
    .post("/new", signedIn(create))
    .get(
      "/:channel",
      signedIn((who) => page(who))
    )
    .get("/:channel/change", signedIn(changing))
    .post("/:channel/change", signedIn(change))
    .post("/:channel/:switch{grant|withdraw|on|off}", signedIn(press))

/** In no workspace, where super admins look at all; to anybody else there is nothing here. */
const inAll = (who: Person): ReturnType<typeof act> =>
  who.me.super_admin
    ? act(who.token, null, who.request)
    : () => Effect.fail(new Refused({ reason: "Forbidden", message: who.words.channels.onlySuper }))

const noSuch = (who: Person) => new Refused({ reason: "NotFound", message: who.words.channels.noSuch })

const idIn = (who: Person) => {
  const text = who.c.req.param("channel") ?? ""
  return /^[1-9]\d{0,8}$/.test(text) ? Effect.succeed(Number(text)) : Effect.fail(noSuch(who))
}

const found = Effect.fnUntraced(function* (who: Person) {
  // before anything else: whether there is one is nobody else's to know
  const acting = inAll(who)
  yield* acting(Effect.void)
  const [one] = yield* acting(listed(yield* idIn(who)))
  return one ?? (yield* noSuch(who))
})

/** Those that a page can say. */
const STATUS: Partial<Record<Refused["reason"], 400 | 409>> = { Invalid: 400, Conflict: 409 }

const page = Effect.fnUntraced(function* (who: Person, said?: string) {
  const one = yield* found(who)
  return <ChannelPage who={who} channel={one} workspaces={yield* inAll(who)(workspaces)} said={said} />
})

const create = Effect.fnUntraced(function* (who: Person) {
  yield* inAll(who)(Effect.void)
  const typed = yield* form(who.c)
  const written = writtenIn(typed)
  const again = (said: string, status: 400 | 409) => {
    who.c.status(status)
    return <ChannelFormPage who={who} of={undefined} written={written} said={said} />
  }
  const settings = settingsOf(written, typed("password"), who.words.channels)
  if (typeof settings === "string") return again(settings, 400)
  const made = yield* Effect.result(inAll(who)(ChannelSettings.create(settings)))
  if (made._tag === "Success") return go(who.c, `/channels/${made.success}`)
  const status = STATUS[made.failure.reason]
  return status === undefined ? yield* made.failure : again(made.failure.message, status)
})

const changing = Effect.fnUntraced(function* (who: Person) {
  const one = yield* found(who)
  return <ChannelFormPage who={who} of={one} written={writtenOf(one)} />
})

/** Without a password the account stays as it is: what was typed of it would not be kept, so it is not sent. */
const change = Effect.fnUntraced(function* (who: Person) {
  const one = yield* found(who)
  const typed = yield* form(who.c)
  const written = writtenIn(typed)
  const again = (said: string, status: 400 | 409) => {
    who.c.status(status)
    return <ChannelFormPage who={who} of={one} written={written} said={said} />
  }
  const settings = settingsOf(written, typed("password"), who.words.channels)
  if (typeof settings === "string") return again(settings, 400)
  const { password, ...rest } = settings
  const isSealedAnew = Redacted.value(password) !== ""
  const made = yield* Effect.result(inAll(who)(ChannelSettings.change(one.id, isSealedAnew ? settings : rest)))
  if (made._tag === "Success") return go(who.c, `/channels/${one.id}`)
  const status = STATUS[made.failure.reason]
  return status === undefined ? yield* made.failure : again(made.failure.message, status)
})

const press = Effect.fnUntraced(function* (who: Person) {
  const one = yield* found(who)
  const workspace = Number.parseInt((yield* form(who.c))("workspace"), 10)
  const place = Number.isSafeInteger(workspace) ? workspace : 0
  const doing = {
    grant: () => ChannelSettings.grant(one.id, place),
    withdraw: () => ChannelSettings.withdraw(one.id, place),
    on: () => ChannelSettings.switchTo(one.id, true),
    off: () => ChannelSettings.switchTo(one.id, false)
  }[who.c.req.param("switch") as "grant" | "withdraw" | "on" | "off"]
  const done = yield* Effect.result(inAll(who)(doing()))
  if (done._tag === "Success") return go(who.c, `/channels/${one.id}`)
  const status = STATUS[done.failure.reason]
  if (status === undefined) return yield* done.failure
  const shown = yield* page(who, done.failure.message)
  who.c.status(status)
  return shown
})
