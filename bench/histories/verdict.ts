/**
 * Whether a history kept its promises: from what left, as its operators received it, and from what the database says of it afterwards.
 * Gives a sentence for each promise that was broken. Pure.
 */
import { LATE_MS, partGapMs } from "#engine/dispatch/Paced.ts"
import type { Seen } from "./database.ts"
import type { Left } from "./Operator.ts"
import type { Claimed, Since, World } from "./World.ts"
import { firstNumber, localTime, scheduleOf, wanted } from "./wanted.ts"

/** Product: a stop is obeyed within one second; and so is every other word that comes to what is in an engine's hands already. */
const OBEYED_MS = 1_000

/** One submit_sm with what the door had said of it. */
interface Sent extends Left {
  readonly claim: Claimed
  readonly slotMs: number
}

export const judge = (world: World, seen: ReadonlyArray<Seen>): Array<string> => {
  const wrong: Array<string> = []
  const say = (what: string) => wrong.push(what)
  const sent = sentOf(world, say)
  const since = (ms: number) => `${((ms - world.plan.beginsMs) / 1000).toFixed(3)} s`
  const asked = wanted(world.plan)
  world.plan.campaigns.forEach((_, c) => {
    const { id } = world.made.campaigns[c]!
    if (id === undefined) return
    const mine = sent.filter(({ claim }) => claim.campaign === c)
    const after = seen.find((s) => s.id === id)!
    nobodyTwice(world, c, mine, say)
    inItsTime(world, c, mine, (what, ms) => say(`campaign ${c}: ${what} at ${since(ms)}`))
    const fed = world.fed[c]!
    const numbers =
      asked.campaigns[c]!.recipients === 0
        ? fed
        : Array.from({ length: asked.campaigns[c]!.recipients }, (_, i) => String(firstNumber(c) + i))
    nobodyForgotten(world, c, numbers, mine, after, say)
    slots(`the ceiling of campaign ${c}`, new Set([c]), world.ceilings[c]!, world, say)
    ceiling(`the ceiling of campaign ${c}`, mine, world.ceilings[c]!, world, say)
  })
  world.plan.workspaces.forEach((_, w) => {
    const mine = sent.filter(
      ({ claim }) => world.plan.campaigns[claim.campaign]!.workspace % world.plan.workspaces.length === w
    )
    const perSecond = world.limits[w]!.map(({ atMs, is }) => ({ atMs, is: is.perSecond }))
    const own = world.plan.campaigns.flatMap(({ workspace }, c) =>
      workspace % world.plan.workspaces.length === w ? [c] : []
    )
    slots(`the ceiling of workspace ${w}`, new Set(own), perSecond, world, say)
    ceiling(`the ceiling of workspace ${w}`, mine, perSecond, world, say)
    days(world, w, mine, say)
  })
  world.plan.channels.forEach((_, h) => {
    contract(
      `the contract of channel ${h}`,
      sent.filter(({ channel }) => channel === h),
      world.contracts[h]!,
      say
    )
  })
  return wrong
}

const sentOf = (world: World, say: (what: string) => void): ReadonlyArray<Sent> =>
  world.operators
    .flatMap(({ left }) => left)
    .flatMap((left) => {
      const claim = world.claims.get(left.block)
      if (claim === undefined || claim.numbers[left.nth] !== left.number) {
        say(`${left.number} left, which block ${left.block} was not handed out for`)
        return []
      }
      const before = claim.numbers.slice(0, left.nth).filter((number) => number !== "").length
      return [
        {
          ...left,
          receipt: left.receipt,
          claim,
          // the message's: its other parts follow it
          slotMs: claim.slotMs + before * claim.spacingMs
        }
      ]
    })
    .sort((a, b) => a.at - b.at)

/** Whoever was sent to is sent to again only if the operator refused the first time; or was approved to be, and the block says so. */
const nobodyTwice = (world: World, c: number, mine: ReadonlyArray<Sent>, say: (what: string) => void): void => {
  const { resend } = world.plan.campaigns[c]!
  for (const tries of Map.groupBy(mine, ({ number, part }) => `${number}/${part}`).values())
    for (let i = 1; i < tries.length; i++) {
      const before = tries[i - 1]!
      const again = tries[i]!
      if (before.heard && (before.verdict === "throttled" || before.verdict === "temporary")) continue
      const isMarked = again.block === before.block ? !before.heard : again.claim.resend
      if (resend && isMarked) world.count("sent again, and marked so")
      else
        say(
          `campaign ${c} was sent to ${again.number} twice: the first was ${before.heard ? before.verdict : "never answered"}, and the second is not marked`
        )
    }
}

/**
 * While nobody could tell an engine, nobody is late; and looks that failed are made anew a little later. (A real engine sends nothing
 * meanwhile: Traffic's two seconds without a look, which here would have to be looked for through every quiet night.)
 */
const obeyedBy = (world: World, since: number): number => {
  let by = since + OBEYED_MS
  for (const { from, to } of world.outages) if (from < by && to > since) by = Math.max(by, to + 2 * OBEYED_MS)
  return by
}

const inItsTime = (
  world: World,
  c: number,
  mine: ReadonlyArray<Sent>,
  say: (what: string, ms: number) => void
): void => {
  const schedule = scheduleOf(world.plan, world.plan.campaigns[c]!)
  const states = world.states[c]!
  const opened = states.find(({ is }) => is === "sending")?.atMs
  const ends =
    schedule.endsMs ??
    (schedule.spreadMinutes === null || opened === undefined ? null : opened + schedule.spreadMinutes * 60_000)
  for (const claim of world.claims.values()) {
    if (claim.campaign !== c) continue
    const state = states.findLast(({ atMs }) => atMs <= claim.atMs)!.is
    if (state !== "sending") say(`the door handed out recipients while it was ${state}`, claim.atMs)
    if (ends !== null && claim.atMs >= ends) say("the door handed out recipients after its end", claim.atMs)
  }
  for (const one of mine) {
    if (opened === undefined || one.at < opened || one.at < (schedule.startsMs ?? 0))
      say(`${one.number} left before its start`, one.at)
    if (one.isRest) world.count("rest of half a message")
    else if (one.at + 0.001 < one.slotMs) say(`${one.number} left ${one.slotMs - one.at} ms before its slot`, one.at)
    const state = states.findLast(({ atMs }) => atMs <= one.at)!
    if (state.is !== "sending") {
      world.count("left within a second of a pause, a stop or an end")
      if (one.at > obeyedBy(world, state.atMs))
        say(`${one.number} left while it was ${state.is} since ${one.at - state.atMs} ms`, one.at)
    }
    if (ends !== null && one.at >= ends && one.at > obeyedBy(world, ends))
      say(`${one.number} left ${one.at - ends} ms after its end`, one.at)
    if (ends !== null && one.claim.spacingMs > 0 && one.part === 0 && one.slotMs > ends + 1)
      say(`${one.number} had a slot ${one.slotMs - ends} ms after its end`, one.at)
    if (schedule.window !== null) inWindow(world, schedule.window, one, say)
  }
}

/** By the clock on the wall; in the hours around a change of clocks two clocks are right, and the calendar's own tests judge. */
const inWindow = (
  world: World,
  { from, to, zone }: { readonly from: string; readonly to: string; readonly zone: string },
  one: Sent,
  say: (what: string, ms: number) => void
): void => {
  const isOpen = (ms: number): boolean => {
    const time = localTime(ms, zone).slice(11, 19)
    return from < to ? time >= `${from}:00` && time < `${to}:00` : time >= `${from}:00` || time < `${to}:00`
  }
  const changes = offset(one.at - 4 * 3_600_000, zone) !== offset(one.at + 4 * 3_600_000, zone)
  if (changes) return world.count("left near a change of clocks")
  if (!isOpen(one.at) && !isOpen(one.at - (obeyedBy(world, one.at - OBEYED_MS) - one.at + OBEYED_MS)))
    say(`${one.number} left outside its window ${from} to ${to} ${zone} (${localTime(one.at, zone)})`, one.at)
  if (one.claim.spacingMs > 0 && one.part === 0 && !isOpen(one.slotMs - 1) && !isOpen(one.slotMs + 1))
    say(`${one.number} had a slot outside its window ${from} to ${to} ${zone}`, one.slotMs)
}

const offset = (ms: number, zone: string): number =>
  Date.parse(`${localTime(ms, zone).replace(" ", "T")}Z`) - Math.floor(ms / 1000) * 1000

/** Every recipient has its outcome, and it is that which its operator knows of. */
const nobodyForgotten = (
  world: World,
  c: number,
  numbers: ReadonlyArray<string>,
  mine: ReadonlyArray<Sent>,
  { figures, outcomes, state }: Seen,
  say: (what: string) => void
): void => {
  world.count(`ended: ${state}`)
  if (["scheduled", "sending", "paused"].includes(state)) say(`campaign ${c} never ends: it is ${state}`)
  if (figures.audience !== numbers.length || Object.keys(outcomes).length !== numbers.length)
    say(`campaign ${c} has ${numbers.length} recipients, and its ledger ${figures.audience}`)
  if (figures.moving !== 0) say(`campaign ${c} is ${state}, and ${figures.moving} of it are still moving`)
  const by = Map.groupBy(mine, ({ number }) => number)
  const { resend, segments } = world.plan.campaigns[c]!
  // what an engine knew and had not written down
  const isCertain = world.deaths.length === 0 && !resend
  for (const number of numbers) {
    const outcome = outcomes[number] ?? "none"
    world.count(`outcomes: ${outcome}`)
    const tries = by.get(number) ?? []
    const accepted = tries.filter(({ verdict }) => verdict === "accepted")
    const arrived = accepted.filter(({ receipt }) => receipt === "delivered")
    const isAll = new Set(arrived.map(({ part }) => part)).size === segments
    if (outcome === "delivered" && !isAll) say(`${number} of campaign ${c} is delivered, and its operator did not`)
    if (outcome === "suppressed" && tries.length > 0) say(`${number} of campaign ${c} is suppressed, and it left`)
    if (
      ["cancelled", "expired"].includes(outcome) &&
      tries.some(({ heard, verdict }) => !heard || verdict === "accepted" || verdict === "rejected")
    )
      say(`${number} of campaign ${c} is ${outcome}, and it left`)
    if (state === "done" && ["cancelled", "expired", "waiting", "none"].includes(outcome))
      say(`campaign ${c} is done, and ${number} is ${outcome}`)
    if (isCertain && tries.length === 0 && ["unknown", "undelivered", "rejected"].includes(outcome))
      say(`${number} of campaign ${c} is ${outcome}, and it never left`)
    if (isCertain && isAll && arrived.every(({ heard }) => heard) && outcome !== "delivered")
      say(`${number} of campaign ${c} is ${outcome}, and was delivered`)
  }
}

/** The greatest that held within a second before, and until a change has come to what is in hand. */
const holding = <A>(values: ReadonlyArray<Since<A>>, from: number, to: number): ReadonlyArray<A> => {
  const first = values.findLastIndex(({ atMs }) => atMs + OBEYED_MS <= from)
  return values.filter(({ atMs }, i) => i >= Math.max(0, first) && atMs < to).map(({ is }) => is)
}

const least = (values: ReadonlyArray<number | null>): number =>
  Math.max(...values.map((n) => n ?? Number.POSITIVE_INFINITY))

/** The least of the ceilings that were its own, or its workspace's, when it was claimed. */
const leastAt = (world: World, { campaign, slotMs }: Claimed): number => {
  const { workspace } = world.plan.campaigns[campaign]!
  const perSecond = world.limits[workspace % world.plan.workspaces.length]!.map(({ atMs, is }) => ({
    atMs,
    is: is.perSecond
  }))
  return Math.min(...[world.ceilings[campaign]!, perSecond].map((values) => least(holding(values, slotMs, slotMs))))
}

/** The most of these claims that are under way at once: a lane that is given what others leave of a ceiling may have several. */
const atOnce = (claims: ReadonlyArray<Claimed>): number => {
  const until = ({ numbers, slotMs, spacingMs }: Claimed) => slotMs + numbers.length * spacingMs
  return Math.max(
    ...claims.map((one) => claims.filter((o) => o.slotMs <= one.slotMs && until(o) > one.slotMs + 1).length)
  )
}

/**
 * The slots that the door handed out below a ceiling: never more in a second than it allows, and a message for each stream but one. What
 * leaves is kept to the ceiling by the engine.
 */
const slots = (
  what: string,
  campaigns: ReadonlySet<number>,
  values: ReadonlyArray<Since<number | null>>,
  world: World,
  say: (what: string) => void
): void => {
  if (values.every(({ is }) => is === null)) return
  const handedOut = [...world.claims.values()]
    .filter(({ campaign, spacingMs }) => campaigns.has(campaign) && spacingMs > 0)
    .flatMap((claim) => {
      const { segments } = world.plan.campaigns[claim.campaign]!
      const recipients = claim.numbers.filter((number) => number !== "").length
      const gap = partGapMs(claim.spacingMs, segments, leastAt(world, claim))
      return Array.from({ length: recipients * segments }, (_, i) => ({
        claim,
        at: claim.slotMs + Math.floor(i / segments) * claim.spacingMs + (i % segments) * gap
      }))
    })
    .sort((a, b) => a.at - b.at)
  for (let i = 0, j = 0; i < handedOut.length; i++) {
    const { at } = handedOut[i]!
    while (j < handedOut.length && handedOut[j]!.at < at + 1_000 - 0.001) j++
    const limit = least(holding(values, at, at + 1_000))
    if (j - i <= limit) continue
    const claims = [...new Set(handedOut.slice(i, j).map(({ claim }) => claim))]
    const lanes = new Set(claims.map(({ campaign, channel }) => `${campaign} on ${channel}`)).size
    const streams = Math.max(lanes, atOnce(claims))
    if (j - i > limit + streams - 1)
      return say(
        `the door handed out ${j - i} slots in a second below ${what}, ${limit} a second, in ${streams} streams`
      )
  }
}

/**
 * A lane keeps its own distances exactly, however late it is. Lanes that share a ceiling do so as rates, each by timers of its own: a
 * second may have one message more for each lane but one (2.5 and 0.5 a second are 3, and come as 3 and 1), and what was late on top.
 */
const ceiling = (
  what: string,
  mine: ReadonlyArray<Sent>,
  values: ReadonlyArray<Since<number | null>>,
  world: World,
  say: (what: string) => void
): void => {
  if (values.every(({ is }) => is === null)) return
  const at = mine.map((one) => one.at)
  for (let i = 0, j = 0; i < at.length; i++) {
    while (j < at.length && at[j]! < at[i]! + 1_000 - 0.001) j++
    const limit = least(holding(values, at[i]!, at[i]! + 1_000))
    if (j - i <= limit) continue
    const those = mine.slice(i, j)
    const lanes = new Set(those.map(({ claim }) => `${claim.campaign} on ${claim.channel}`))
    // each engine counts for itself
    const engines = new Set(those.map(({ claim }) => world.plan.channels[claim.channel]!.engine % world.plan.engines))
    const late = engines.size === 1 ? 0 : those.filter((one) => one.at - one.slotMs > LATE_MS).length
    if (engines.size > 1 && j - i <= limit + late + lanes.size - 1) world.count("seconds over a ceiling of two engines")
    else
      return say(
        `${what}, ${limit} a second, was exceeded: ${j - i} from ${at[i]! - world.plan.beginsMs} ms on, ${late} of them late`
      )
  }
}

const contract = (
  what: string,
  mine: ReadonlyArray<Sent>,
  values: ReadonlyArray<Since<number | null>>,
  say: (what: string) => void
): void => {
  const at = mine.map((one) => one.at)
  for (let i = 0, j = 0; i < at.length; i++) {
    while (j < at.length && at[j]! < at[i]! + 1_000 - 0.001) j++
    const limit = least(holding(values, at[i]!, at[i]! + 1_000))
    if (j - i > limit) return say(`${what}, ${limit} a second, was exceeded: ${j - i}`)
  }
}

const days = (world: World, w: number, mine: ReadonlyArray<Sent>, say: (what: string) => void): void => {
  const { zone } = world.plan.workspaces[w]!
  const values = world.limits[w]!
  if (values.every(({ is }) => is.perDay === null)) return
  const known = new Set<string>()
  // once, also where its answer was lost and it was sent again, as was approved
  const counted = mine.filter(({ claim, nth, part, verdict }) => {
    const message = `${claim.campaign} ${claim.firstSeq + nth} ${part}`
    if (known.has(message) || (verdict !== "accepted" && verdict !== "rejected")) return false
    known.add(message)
    return true
  })
  const date = (ms: number) => localTime(ms, zone).slice(0, 10)
  const firsts = new Map<string, number>()
  for (const { at, block, channel, nth } of mine) {
    const message = `${channel} ${block} ${nth}`
    if (!firsts.has(message)) firsts.set(message, at)
  }
  // a message is of the day on which its first part left, or was to leave a second ago at most
  const dayOf = ({ block, channel, nth, slotMs }: Sent): string => {
    const first = firsts.get(`${channel} ${block} ${nth}`)!
    // of its microseconds a fraction may be lost in ms
    const slot = date(slotMs + 0.01)
    return date(first - OBEYED_MS) === slot ? slot : date(first)
  }
  for (const [day, those] of Map.groupBy(counted, dayOf)) {
    const limit = least(holding(values, those[0]!.at, those.at(-1)!.at).map(({ perDay }) => perDay))
    if (those.length > limit) say(`workspace ${w} sent ${those.length} messages on ${day} of ${zone}, and may ${limit}`)
  }
}
