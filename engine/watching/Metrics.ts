/**
 * What an engine tells Prometheus: prom-client's own figures of the process, and ours of channels, claims, the journal and campaigns.
 * One registry an engine, none of the whole process. deploy/metrics.md is made of these words (Metrics.test.ts).
 *
 * Promises: read at scrape time, and nothing for it a message but an addition; bounded: a label's value is a channel's name or of a
 * closed set, so never a number, a campaign or a text.
 */
import { readFileSync } from "node:fs"
import { collectDefaultMetrics, Registry } from "prom-client"
import { messageState } from "#engine/smpp/receipt.ts"
import { ClaimRefusals, troubles } from "#schema/ledger/Door.ts"
import type { ChannelCounts } from "./ChannelCounts.ts"
import type { Health } from "./Health.ts"
import { counter, type Described, gauge, histogram } from "./metricTypes.ts"
import type { WatchedChannel, Watching } from "./Watched.ts"

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string
}

const channel = "channels" as const

/** Ours, by what they are called here. */
export const described = {
  build: {
    name: "countersign_build_info",
    help: "Always 1, for the version that runs.",
    labels: { version: [version] }
  },
  ready: {
    name: "countersign_ready",
    help: "1 while /ready says that progress is made, else 0.",
    labels: {}
  },
  databaseAnswered: {
    name: "countersign_database_answered_timestamp_seconds",
    help: "When the database last told which channels are enabled; it is asked every second.",
    labels: {}
  },
  campaigns: {
    name: "countersign_live_campaigns",
    help: "Campaigns of the whole installation that are neither drafts nor over.",
    labels: { state: ["scheduled", "sending", "paused"] }
  },
  served: {
    name: "countersign_channel_served",
    help: "1 while this engine drives the channel; 0 while another one does, or its password can't be opened.",
    labels: { channel }
  },
  binds: {
    name: "countersign_channel_binds",
    help: "Binds that are up.",
    labels: { channel }
  },
  bindsConfigured: {
    name: "countersign_channel_configured_binds",
    help: "Binds that the channel's settings ask for.",
    labels: { channel }
  },
  bindsEnded: {
    name: "countersign_channel_ended_binds_total",
    help: "Binds that were up and ended, by whomever.",
    labels: { channel }
  },
  submitted: {
    name: "countersign_channel_submitted_messages_total",
    help: "Message parts (submit_sm) written to a socket, each try of each.",
    labels: { channel }
  },
  answers: {
    name: "countersign_channel_answers_total",
    help: "What became of them: accepted; rejected for good; to be tried again (throttled, temporary, or the bind's fault); lost: no answer came.",
    labels: { channel, answer: ["accepted", "rejected", "throttled", "temporary", "bind", "lost"] }
  },
  answerTimes: {
    name: "countersign_channel_answer_seconds",
    help: "From writing a submit_sm to its answer.",
    labels: { channel }
  },
  receipts: {
    name: "countersign_channel_receipts_total",
    help: "Delivery receipts that found their message, by what they say; enroute: the final one is still to come.",
    labels: { channel, state: Object.keys(messageState) }
  },
  receiptsParked: {
    name: "countersign_channel_parked_receipts_total",
    help: "Delivery receipts that found no message in memory and were kept for the database to match.",
    labels: { channel }
  },
  inFlight: {
    name: "countersign_channel_in_flight_messages",
    help: "Message parts written to a socket and not answered yet.",
    labels: { channel }
  },
  waiting: {
    name: "countersign_channel_waiting_recipients",
    help: "Claimed and not submitted yet: triggered, to be submitted again (parts), until their time comes, the others.",
    labels: { channel, kind: ["urgent", "retry", "paced", "bulk"] }
  },
  pace: {
    name: "countersign_channel_pace_messages_per_second",
    help: "What it may submit now, lowered while the operator throttles; absent where nothing limits it.",
    labels: { channel }
  },
  contract: {
    name: "countersign_channel_contract_messages_per_second",
    help: "What its contract allows; absent where there is none.",
    labels: { channel }
  },
  journalWaiting: {
    name: "countersign_channel_journal_waiting_rows",
    help: "What happened and is not committed yet. At 100,000 submitting stops until there is room.",
    labels: { channel }
  },
  journalRows: {
    name: "countersign_channel_journal_rows_total",
    help: "What happened and was committed: answers, receipts, and receipts to acknowledge.",
    labels: { channel }
  },
  flushTimes: {
    name: "countersign_channel_journal_flush_seconds",
    help: "From the beginning of a flush to its commit, however often it had to be tried.",
    labels: { channel }
  },
  claimTimes: {
    name: "countersign_channel_claim_seconds",
    help: "From asking the door for the next run of recipients to what it says.",
    labels: { channel }
  },
  claimed: {
    name: "countersign_channel_claimed_recipients_total",
    help: "Recipients that the door handed out.",
    labels: { channel }
  },
  refusals: {
    name: "countersign_channel_refused_claims_total",
    help: "Claims to which the door stayed shut, by its reason.",
    labels: { channel, reason: [...Object.values(ClaimRefusals), ...troubles] }
  }
} as const satisfies Record<string, Described>

/** The registry of one engine, without the process' own figures. now: monotonic ms. */
export const metricsOf = (watching: Watching, health: Pick<Health, "report">, now: () => number): Registry => {
  const registry = new Registry()
  const of = <V>(read: (channel: WatchedChannel) => V | undefined) =>
    function* (): Generator<readonly [{ readonly channel: string }, V]> {
      for (const watched of watching) {
        const value = read(watched)
        if (value !== undefined) yield [{ channel: watched.name }, value]
      }
    }
  const ofEach = (label: string, read: (channel: WatchedChannel) => Iterable<readonly [string, number]>) =>
    function* (): Generator<readonly [Readonly<Record<string, string>>, number]> {
      for (const watched of watching)
        for (const [name, value] of read(watched)) yield [{ channel: watched.name, [label]: name }, value]
    }

  gauge(registry, described.build, () => [[{ version }, 1]])
  gauge(registry, described.ready, () => [[{}, health.report(now()).ready ? 1 : 0]])
  gauge(registry, described.databaseAnswered, () => {
    const at = watching.channelsReadAt
    return at === undefined
      ? []
      : [
          [
            {}, // by the clock of now, which may have been set since the process began
            (Date.now() - (performance.now() - at)) / 1000
          ]
        ]
  })
  gauge(registry, described.campaigns, () =>
    Object.entries(watching.campaigns).map(([state, count]) => [{ state }, count] as const)
  )

  gauge(
    registry,
    described.served,
    of(({ serving }) => (serving === undefined ? 0 : 1))
  )
  gauge(
    registry,
    described.binds,
    of(({ serving }) => serving?.traffic.binds ?? 0)
  )
  gauge(
    registry,
    described.bindsConfigured,
    of(({ bindsConfigured }) => bindsConfigured)
  )
  counter(
    registry,
    described.bindsEnded,
    of(({ counts }) => counts.bindsEnded)
  )

  counter(
    registry,
    described.submitted,
    of(({ counts }) => counts.submitted)
  )
  counter(
    registry,
    described.answers,
    ofEach("answer", ({ counts }) => Object.entries(counts.answers))
  )
  histogram(
    registry,
    described.answerTimes,
    of(({ counts }) => counts.answerTimes)
  )
  counter(
    registry,
    described.receipts,
    ofEach("state", ({ counts }) => receiptsOf(counts))
  )
  counter(
    registry,
    described.receiptsParked,
    of(({ counts }) => counts.receiptsParked)
  )

  gauge(
    registry,
    described.inFlight,
    of(({ serving }) => serving?.traffic.inFlight)
  )
  gauge(
    registry,
    described.waiting,
    ofEach("kind", ({ serving }) => Object.entries(serving?.traffic.waitingByKind ?? {}))
  )
  gauge(
    registry,
    described.pace,
    of(({ serving }) => finite(serving?.pacer.perSecond))
  )
  gauge(
    registry,
    described.contract,
    of(({ contractPerSecond }) => contractPerSecond)
  )

  gauge(
    registry,
    described.journalWaiting,
    of(({ serving }) => serving?.journal.waiting)
  )
  counter(
    registry,
    described.journalRows,
    of(({ counts }) => counts.rowsCommitted)
  )
  histogram(
    registry,
    described.flushTimes,
    of(({ counts }) => counts.flushTimes)
  )

  histogram(
    registry,
    described.claimTimes,
    of(({ counts }) => counts.claimTimes)
  )
  counter(
    registry,
    described.claimed,
    of(({ counts }) => counts.recipientsClaimed)
  )
  counter(
    registry,
    described.refusals,
    ofEach("reason", ({ counts }) => counts.refusals)
  )
  return registry
}

/** With processor time, memory, event loop and garbage collection: once a process, since they watch it as long as it lives. */
export const withProcess = (registry: Registry): Registry => {
  collectDefaultMetrics({ register: registry })
  return registry
}

const receiptsOf = ({ receipts }: ChannelCounts): ReadonlyArray<readonly [string, number]> =>
  Object.entries(messageState).map(([state, code]) => [state, receipts[code]!])

const finite = (n: number | undefined): number | undefined => (Number.isFinite(n) ? n : undefined)
