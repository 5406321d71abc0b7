/**
 * The fast way of the small PDUs: each is written at `offset` of `target`, where there must be room, and where it ends is
 * returned. `smallest` octets are enough for any of them but a submit_sm_resp with its id.
 */
import { commandId, commandName, responseId } from "./command.ts"
import { headerLength } from "./Pdu.ts"
import type { Answer } from "./PduError.ts"
import { status } from "./status.ts"

/** Octets of deliver_sm_resp and data_sm_resp, the longest of the small ones. */
export const smallest = headerLength + 1

/**
 * How a client answers a request that it doesn't serve: one that a client never gets, as what it is; one that nobody knows,
 * or outbind, which has no response, by generic_nack (SMPP 3.4, 4.3).
 */
export const refusalOf = (requestId: number): Omit<Answer, "sequence_number"> =>
  commandName(requestId) === undefined || requestId === commandId.outbind
    ? { command_id: commandId.generic_nack, command_status: status.ESME_RINVCMDID }
    : { command_id: responseId(requestId), command_status: status.ESME_RINVBNDSTS }

/** A header; `length` counts what the caller writes after it. */
export const writeHeader = (
  target: Uint8Array,
  offset: number,
  length: number,
  command_id: number,
  command_status: number,
  sequence: number
): number => {
  putUint32(target, offset, length)
  putUint32(target, offset + 4, command_id)
  putUint32(target, offset + 8, command_status)
  putUint32(target, offset + 12, sequence)
  return offset + headerLength
}

/** deliver_sm_resp with its unused, empty message_id (4.6.2): 17 octets. */
export const writeDeliverSmResp = (target: Uint8Array, offset: number, sequence: number, command_status = 0): number =>
  writeEmptyId(target, offset, commandId.deliver_sm_resp, command_status, sequence)

/** data_sm_resp (4.7.2) with an empty message_id, for an operator that sends receipts that way: 17 octets. */
export const writeDataSmResp = (target: Uint8Array, offset: number, sequence: number, command_status = 0): number =>
  writeEmptyId(target, offset, commandId.data_sm_resp, command_status, sequence)

/** submit_sm_resp (4.4.2), for who plays the operator. `id[from..to)` is the message_id, at most 64 characters. */
export const writeSubmitSmResp = (
  target: Uint8Array,
  offset: number,
  sequence: number,
  id: Uint8Array,
  from: number,
  to: number
): number => {
  let at = writeHeader(target, offset, headerLength + to - from + 1, commandId.submit_sm_resp, 0, sequence)
  for (let i = from; i < to; i++) target[at++] = id[i]!
  target[at] = 0
  return at + 1
}

/** Any response with an error goes without body (4.4.2). */
export const writeError = (
  target: Uint8Array,
  offset: number,
  response_id: number,
  sequence: number,
  command_status: number
): number => writeHeader(target, offset, headerLength, response_id, command_status, sequence)

export const writeEnquireLink = (target: Uint8Array, offset: number, sequence: number): number =>
  writeHeader(target, offset, headerLength, commandId.enquire_link, 0, sequence)

export const writeEnquireLinkResp = (target: Uint8Array, offset: number, sequence: number): number =>
  writeHeader(target, offset, headerLength, commandId.enquire_link_resp, 0, sequence)

export const writeUnbind = (target: Uint8Array, offset: number, sequence: number): number =>
  writeHeader(target, offset, headerLength, commandId.unbind, 0, sequence)

export const writeUnbindResp = (target: Uint8Array, offset: number, sequence: number, command_status = 0): number =>
  writeHeader(target, offset, headerLength, commandId.unbind_resp, command_status, sequence)

export const writeGenericNack = (
  target: Uint8Array,
  offset: number,
  sequence: number,
  command_status: number
): number => writeHeader(target, offset, headerLength, commandId.generic_nack, command_status, sequence)

/** What a `PduError` or `FrameError` wants answered. */
export const writeAnswer = (target: Uint8Array, offset: number, answer: Answer): number =>
  writeHeader(target, offset, headerLength, answer.command_id, answer.command_status, answer.sequence_number)

const writeEmptyId = (
  target: Uint8Array,
  offset: number,
  command_id: number,
  command_status: number,
  sequence: number
): number => {
  const at = writeHeader(target, offset, smallest, command_id, command_status, sequence)
  target[at] = 0
  return at + 1
}

const putUint32 = (target: Uint8Array, at: number, value: number) => {
  target[at] = value >>> 24
  target[at + 1] = value >>> 16
  target[at + 2] = value >>> 8
  target[at + 3] = value
}
