/**
 * The journal of one channel: what has happened since the last flush, in columns, and the loop that flushes it.
 *
 * Promises: everything that happened is committed in the order in which it happened; a receipt is acknowledged to the
 * operator only after the commit that holds it; while Postgres is away nothing is dropped: the journal fills to its
 * bound, `hasRoom` turns false, and submitting stops until there is room again.
 */
import { Effect, Latch, Schedule } from "effect"
import { ChannelCounts } from "#engine/watching/ChannelCounts.ts"
import { type SqlClient, type SqlError, sqlMessage, sqlState } from "#schema/Database.ts"
import { AttemptColumns, ReceiptColumns } from "#schema/ledger/Columns.ts"
import { type ClaimError, claimError } from "#schema/ledger/Door.ts"
import { type BlockChange, encodeFlush, type Flush, type ParkedColumns, record } from "#schema/ledger/Outcomes.ts"
import { Arena } from "#schema/PgArray.ts"
import type { BlockInHand } from "./BlockInHand.ts"
import { monotonicClock } from "./MonotonicClock.ts"

/** One that can be answered later: a bind's session. */
export interface Acknowledger {
  acknowledge(sequence_numbers: ReadonlyArray<number>): void
}

/**
 * A flush waits this long for company: at 100,000 a second that is 2,000 messages a statement. Less would make more
 * statements of the same work, more would make receipts wait.
 */
const FLUSH_MS = 20

/** …or until this many rows are there: three a message (attempt, receipt, what we owe the operator), so that a flush stays within a few milliseconds of Postgres. */
const FLUSH_ROWS = 9_000

/** Rows not yet committed at which submitting stops: a third of a second at 100,000 a second. */
const MOST_ROWS = 100_000

/** …and at which reading stops too: operators have their own window for receipts, and this is for those without one. */
const OVERFLOWING_ROWS = 2 * MOST_ROWS

/** What one flush carries, and whom to tell when it is committed. */
interface Page {
  readonly blocks: ReadonlyArray<BlockInHand>
  /** those that need nothing more once this is committed */
  readonly finished: ReadonlyArray<BlockInHand>
  readonly params: ReadonlyArray<unknown>
  readonly rows: number
  readonly acknowledgements: Map<Acknowledger, Array<number>>
}

export class Journal {
  /** rows that happened and are not committed */
  private rows = 0
  private dirty: Array<BlockInHand> = []
  private parked: ParkedColumns | undefined
  /** a whole flush is there, and told to be */
  private due = false
  private acknowledgements = new Map<Acknowledger, Array<number>>()
  private flushNumber = 0
  /** holds the arguments of the flush under way: there is one at a time */
  private readonly arena = new Arena()
  private readonly spareAttempts: Array<AttemptColumns> = []
  private readonly spareReceipts: Array<ReceiptColumns> = []
  /** open while there is something to flush, and while there is a whole flush */
  private readonly some = Latch.makeUnsafe()
  private readonly enough = Latch.makeUnsafe()
  /** open while nothing is waiting for its commit */
  private readonly empty = Latch.makeUnsafe(true)
  private readonly channelId: number
  private readonly epoch: number
  /** called when all there is to say of a block is committed */
  private readonly onFinished: (block: BlockInHand) => void
  private onCommitted: () => void = () => {}
  private readonly counts: ChannelCounts

  constructor(
    channelId: number,
    epoch: number,
    onFinished: (block: BlockInHand) => void,
    counts = new ChannelCounts()
  ) {
    this.channelId = channelId
    this.epoch = epoch
    this.onFinished = onFinished
    this.counts = counts
  }

  /** Whom to tell of each commit: what the journal held up can go on. */
  tell(onCommitted: () => void): void {
    this.onCommitted = onCommitted
  }

  /** Rows that happened and are not committed. */
  get waiting(): number {
    return this.rows
  }

  get hasRoom(): boolean {
    return this.rows < MOST_ROWS
  }

  get overflows(): boolean {
    return this.rows >= OVERFLOWING_ROWS
  }

  attempt(
    block: BlockInHand,
    nth: number,
    part: number,
    bind: number,
    verdict: number,
    command_status: number,
    message_id: string,
    submittedAt: number,
    now: number
  ): void {
    const columns = (block.attempts ??= this.spareAttempts.pop() ?? new AttemptColumns())
    columns.push(
      nth,
      part,
      block.tries[nth]!,
      bind,
      verdict,
      command_status,
      message_id,
      submittedAt - block.claimedAt,
      now - block.claimedAt
    )
    this.changed(block)
  }

  receipt(
    block: BlockInHand,
    nth: number,
    part: number,
    state: number,
    error: string,
    now: number,
    odd?: string
  ): void {
    const columns = (block.receipts ??= this.spareReceipts.pop() ?? new ReceiptColumns())
    if (odd !== undefined) (columns.odd ??= new Map()).set(columns.length, odd)
    columns.push(nth, part, state, error, now - block.claimedAt)
    this.changed(block)
  }

  /** Keeps a receipt that found no message, for the database to match. msisdn 0: not known. */
  park(key: string, msisdn: number, state: number, error: string): void {
    this.parked ??= { key: [], msisdn: [], state: [], error: [] }
    this.parked.key.push(key)
    this.parked.msisdn.push(msisdn)
    this.parked.state.push(state)
    this.parked.error.push(error)
    this.grew()
  }

  /** The operator is owed a deliver_sm_resp as soon as what has happened by now is committed. */
  acknowledge(session: Acknowledger, sequence_number: number): void {
    const owed = this.acknowledgements.get(session)
    if (owed === undefined) this.acknowledgements.set(session, [sequence_number])
    else owed.push(sequence_number)
    this.grew()
  }

  /** A block's counters changed without a row (recipients went back). */
  changed(block: BlockInHand): void {
    if (!block.dirty) {
      block.dirty = true
      this.dirty.push(block)
    }
    this.grew()
  }

  /** Waits until everything that has happened is committed. */
  get settled(): Effect.Effect<void> {
    return this.empty.await
  }

  /**
   * Flushes for ever. Fails when the epoch is over (or the database refuses what we wrote, which is a bug of ours, with
   * the same consequence: this channel's life begins anew and settles from what is on record).
   */
  readonly run: Effect.Effect<never, ClaimError, SqlClient> = Effect.suspend(() => this.flushOnce).pipe(Effect.forever)

  private readonly flushOnce = Effect.gen({ self: this }, function* () {
    yield* this.some.await
    yield* Effect.timeoutOption(this.enough.await, FLUSH_MS)
    const began = (this.counts.flushingSince = monotonicClock.now())
    const page = this.take()
    yield* record(page.params).pipe(
      Effect.tapError((error) => Effect.logWarning(`journal: ${sqlMessage(error)}; nothing is lost, trying again`)),
      Effect.retry({ while: isPassing, schedule: Schedule.spaced("500 millis") }),
      Effect.mapError(claimError)
    )
    this.counts.flushingSince = undefined
    this.counts.flushTimes.add(monotonicClock.now() - began)
    this.counts.rowsCommitted += page.rows
    this.committed(page)
  })

  private grew(): void {
    this.rows++
    this.some.openUnsafe()
    this.empty.closeUnsafe()
    // not at once: the waiting flush would begin in the middle of whoever is telling us
    if (this.rows >= FLUSH_ROWS && !this.due) {
      this.due = true
      queueMicrotask(() => this.enough.openUnsafe())
    }
  }

  private take(): Page {
    const blocks = this.dirty
    const flush: Flush = { number: ++this.flushNumber, blocks: blocks.map(asChange), parked: this.parked }
    this.arena.reset()
    const page: Page = {
      params: encodeFlush(this.channelId, this.epoch, flush, this.arena),
      rows: this.rows,
      blocks,
      finished: blocks.filter((block) => block.finished),
      acknowledgements: this.acknowledgements
    }
    for (const block of blocks) this.recycle(block)
    this.dirty = []
    this.parked = undefined
    this.acknowledgements = new Map()
    this.some.closeUnsafe()
    this.enough.closeUnsafe()
    this.due = false
    return page
  }

  private recycle(block: BlockInHand): void {
    if (block.attempts !== undefined) {
      block.attempts.clear()
      this.spareAttempts.push(block.attempts)
      block.attempts = undefined
    }
    if (block.receipts !== undefined) {
      block.receipts.clear()
      this.spareReceipts.push(block.receipts)
      block.receipts = undefined
    }
    block.dirty = false
    block.flushing = true
    block.clearDeltas()
  }

  private committed(page: Page): void {
    this.rows -= page.rows
    for (const block of page.blocks) block.flushing = false
    for (const block of page.finished) this.onFinished(block)
    for (const [session, sequence_numbers] of page.acknowledgements) session.acknowledge(sequence_numbers)
    if (this.rows === 0 && this.acknowledgements.size === 0) this.empty.openUnsafe()
    this.onCommitted()
  }
}

/** The block's part of a flush. Columns are read while the flush is encoded, before they are recycled. */
const asChange = (block: BlockInHand): BlockChange => ({
  id: block.id,
  month: block.month,
  attempts: block.attempts,
  receipts: block.receipts,
  accepted: block.accepted,
  delivered: block.delivered,
  undelivered: block.undelivered,
  expired: block.expired,
  rejected: block.rejected,
  unknown: block.unknown,
  closed: block.closed,
  outcomes: block.finished ? block.outcomes() : null,
  parts: block.tellParts()
})

/**
 * Worth trying again: everything that is Postgres' trouble (gone, restarting, disk full, deadlock) and not our mistake
 * (a value, a constraint, a statement: classes 22, 23, 42) nor a refusal (CS).
 */
const isPassing = (error: SqlError): boolean => !/^(CS|22|23|42)/.test(sqlState(error) ?? "")
