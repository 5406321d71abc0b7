/**
 * A row of the audit as its export has it: the columns' own names in their order, bytes as lower-case hex, time as whole
 * microseconds since 1970 in decimal. What was hashed is kept as it was hashed, so that nothing is parsed and written again.
 */
import { Schema } from "effect"

export interface AuditRow {
  /** 0: the installation's own chain. */
  readonly workspace_id: number
  /** From 1, without gaps. */
  readonly seq: number
  readonly at_us: string
  /** null: the system. */
  readonly person_id: number | null
  /** Then, not now. */
  readonly role: string
  readonly action: string
  readonly object: string
  readonly object_id: number | null
  /** JSON that stays verifiable for ever. */
  readonly facts: string
  /** JSON about people; null when there never was any, or when it was erased. */
  readonly personal: string | null
  /** 16 bytes; goes with `personal`. */
  readonly salt: string | null
  /** SHA-256 of salt and personal; stays when they go. */
  readonly personal_digest: string | null
  /** The hash of the row before; 32 zero bytes before the first. */
  readonly previous: string
  readonly hash: string
}

/** What comes before the first row. */
export const BEFORE_ALL = "00".repeat(32)

export const faultReasons = [
  "chain",
  "gap",
  "previous",
  "hash",
  "personal",
  "erased",
  "head",
  "end",
  "checkpoint",
  "facts",
  "passkey",
  "decision",
  "seal"
] as const

/** Something is not as it was written. `seq` is the first bad row; `message` says what is wrong with it. */
export class AuditFault extends Schema.TaggedError<AuditFault>()("AuditFault", {
  seq: Schema.Int,
  reason: Schema.Literals(faultReasons),
  message: Schema.String
}) {}

export const fault = (seq: number, reason: (typeof faultReasons)[number], message: string): AuditFault =>
  new AuditFault({ seq, reason, message })

/** `2026-03-01 08:15:00.000001 UTC`. */
export const instant = (at_us: string | number): string => {
  const us = BigInt(at_us)
  const seconds = new Date(Number(us / 1_000_000n) * 1000).toISOString().slice(0, 19).replace("T", " ")
  return `${seconds}.${`${us % 1_000_000n}`.padStart(6, "0")} UTC`
}
