/** What a session tells whoever owns it, and how it ends. */
import type { Session } from "./Session.ts"

export type BindMode = "transceiver" | "transmitter" | "receiver"

/** Why a session ended. */
export type EndReason =
  | { readonly _tag: "Closed"; readonly message: string }
  | { readonly _tag: "Unbound" }
  | { readonly _tag: "Silent"; readonly message: string }
  | { readonly _tag: "Broken"; readonly message: string }

/** Whom a session tells what happens. Called in the middle of a read: nobody may block or throw. */
export interface SessionOwner {
  /** An answer to a submit. message_id is empty unless command_status is 0. sentAt, now: monotonic ms. */
  answered(
    session: Session,
    token: number,
    command_status: number,
    message_id: string,
    sentAt: number,
    now: number
  ): void
  /** No answer came in time. */
  lost(session: Session, token: number, sentAt: number, now: number): void
  /** A deliver_sm or data_sm lies in buffer[start..end). It is answered later, by `acknowledge` or `refuse`. */
  delivered(session: Session, buffer: Buffer, start: number, end: number, now: number): void
  /** All that a read brought has been told: the window may be filled again. */
  turned(session: Session, now: number): void
  /** Something odd, for the log, with the octets where there are any. */
  odd(session: Session, what: string, bytes?: Uint8Array): void
  ended(session: Session, reason: EndReason): void
}
