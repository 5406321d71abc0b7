/**
 * What is wrong with one PDU, what to answer, and its octets for the log.
 *
 * A plain value, not an `Error`: a peer that sends nonsense at full speed shall not make us collect stack traces.
 */
import { commandId, commandName, isResponse, responseId } from "./command.ts"
import { status } from "./status.ts"

/**
 * - `header`: fewer than 16 octets, or command_length isn't the number of octets given.
 * - `unknown_command`: a command_id that SMPP 3.4 doesn't have.
 * - `truncated`: the PDU ends inside a mandatory field.
 * - `too_long`: a field or TLV is longer than the specification allows.
 * - `invalid_value`: a number out of range, a character or flag that isn't allowed there.
 * - `tlv_stream`: the optional part doesn't divide into TLVs.
 * - `tlv_length`: a TLV of the specification with a length that it can't have.
 */
export type PduErrorReason =
  | "header"
  | "unknown_command"
  | "truncated"
  | "too_long"
  | "invalid_value"
  | "tlv_stream"
  | "tlv_length"

/** A PDU without body, to be written back. */
export interface Answer {
  readonly command_id: number
  readonly command_status: number
  readonly sequence_number: number
}

/** Of a broken PDU so many octets are kept: more than any submit_sm without message_payload, and a bound for the log. */
export const mostKeptOctets = 1024

const withoutResponse: ReadonlySet<number> = new Set([commandId.alert_notification, commandId.outbind])

export class PduError {
  readonly _tag = "PduError"
  readonly reason: PduErrorReason
  /** What is wrong, in words, with the field's name. */
  readonly message: string
  readonly command_status: number
  readonly command_id: number
  readonly sequence_number: number
  /** Where in the PDU reading stopped; 0 when writing. */
  readonly at: number
  /** A copy of the PDU's first octets (`mostKeptOctets`); empty when writing. */
  readonly bytes: Uint8Array

  constructor(
    reason: PduErrorReason,
    message: string,
    command_status: number,
    command_id: number,
    sequence_number: number,
    at = 0,
    bytes: Uint8Array = new Uint8Array(0)
  ) {
    this.reason = reason
    this.message = message
    this.command_status = command_status
    this.command_id = command_id
    this.sequence_number = sequence_number
    this.at = at
    this.bytes = new Uint8Array(bytes.subarray(0, mostKeptOctets))
  }

  /**
   * What the specification wants to be answered: generic_nack for an invalid header or command_id (4.3), else the
   * request's own response with the status; `undefined` when the broken PDU is itself a response, which is never answered.
   */
  get answer(): Answer | undefined {
    const { command_status, sequence_number } = this
    const nack = { command_id: commandId.generic_nack, command_status, sequence_number }
    if (commandName(this.command_id) === undefined || this.reason === "header") return nack
    if (isResponse(this.command_id)) return undefined
    if (withoutResponse.has(this.command_id)) return nack
    return { command_id: responseId(this.command_id), command_status, sequence_number }
  }
}

/** 4.3: the sequence number of a PDU whose header can't be read is zero. */
export const headerError = (message: string, bytes: Uint8Array): PduError => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const word = (at: number) => (bytes.length >= at + 4 ? view.getUint32(at) : 0)
  return new PduError("header", message, status.ESME_RINVCMDLEN, word(4), word(12), 0, bytes)
}
