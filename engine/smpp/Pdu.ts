/**
 * Any PDU of SMPP 3.4 as a value, to octets and back, driven by the tables of `fields.ts` and `tlv.ts`.
 *
 * This is the careful way, for binds, tests, logs and whatever is rare. Submits, their answers and receipts have their own
 * fast ways (`submit.ts`, `respond.ts`, `Receipt.ts`), which the tests hold against this one.
 *
 * Promises: nothing throws, whatever the octets; what `encode` gives `decode` gives back equal; no TLV is dropped, known or
 * not, and their order is kept; values are copies, so that they outlive the socket's buffer.
 */
import { Result } from "effect"
import { type CommandName, commandId, commandName, isResponse } from "./command.ts"
import { emptyValue, type FieldSpec, type FieldsOf, type FieldValue, fields } from "./fields.ts"
import { OctetReader } from "./OctetReader.ts"
import { OctetWriter } from "./OctetWriter.ts"
import { headerError, PduError } from "./PduError.ts"
import { status } from "./status.ts"
import type { Tlv } from "./tlv.ts"

/** Octets before the body: command_length, command_id, command_status, sequence_number (3.2). */
export const headerLength = 16

type Header<Name extends CommandName> = {
  readonly command: Name
  readonly command_status: number
  readonly sequence_number: number
}

/** A PDU of one command, or, without parameter, any: a union told apart by `command`. */
export type Pdu<Name extends CommandName = CommandName> = Name extends CommandName
  ? Header<Name> & FieldsOf<Name> & { readonly tlvs: ReadonlyArray<Tlv> }
  : never

/** What one has to give: fields left out are zero or empty, command_status is ESME_ROK, and there are no TLVs. */
export type PduToSend<Name extends CommandName = CommandName> = Name extends CommandName
  ? { readonly command: Name; readonly sequence_number: number; readonly command_status?: number } & Partial<
      FieldsOf<Name>
    > & { readonly tlvs?: ReadonlyArray<Tlv> }
  : never

/**
 * Octets of a PDU. A response with an error and nothing in its fields goes without body, as 4.4.2 has it.
 *
 * Fails with `too_long` or `invalid_value` where a field breaks the specification's bounds; strings are one octet a
 * character (those above U+00FF are refused), and none holds U+0000.
 */
export const encode = (pdu: PduToSend): Result.Result<Buffer, PduError> => {
  const writer = new OctetWriter()
  const id = commandId[pdu.command]
  writer.header(id, pdu.command_status ?? 0, pdu.sequence_number)
  if (!bodiless(pdu)) {
    const values = pdu as unknown as Record<string, FieldValue | undefined>
    for (const spec of specs(pdu.command)) writer.field(spec, values[spec.name] ?? emptyValue(spec.kind))
    for (const tlv of pdu.tlvs ?? []) writer.tlv(tlv)
  }
  if (writer.fault !== undefined) {
    const { reason, message, command_status } = writer.fault
    return Result.fail(new PduError(reason, message, command_status, id, pdu.sequence_number))
  }
  writer.commandLength()
  return Result.succeed(writer.take())
}

const bodiless = (pdu: PduToSend): boolean => {
  if (!isResponse(commandId[pdu.command]) || (pdu.command_status ?? 0) === status.ESME_ROK) return false
  const values = pdu as unknown as Record<string, FieldValue | undefined>
  const said = specs(pdu.command).some(({ name }) => {
    const value = values[name]
    return typeof value === "object" ? value.length > 0 : Boolean(value)
  })
  return !said && (pdu.tlvs ?? []).length === 0
}

/**
 * A PDU out of exactly its octets. Fails with what to answer (`PduError.answer`).
 *
 * Two things that operators do are let pass: a response of 16 octets has empty fields, whatever its status (the
 * specification grants that to errors, 4.4.2; a deliver_sm_resp comes so from half of the world), and TLVs are taken
 * in any PDU.
 */
export const decode = (bytes: Uint8Array): Result.Result<Pdu, PduError> => {
  if (bytes.length < headerLength) return Result.fail(headerError(`${bytes.length} octets are no header`, bytes))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const command_length = view.getUint32(0)
  if (command_length !== bytes.length)
    return Result.fail(headerError(`command_length ${command_length} on ${bytes.length} octets`, bytes))
  const id = view.getUint32(4)
  const sequence_number = view.getUint32(12)
  const command = commandName(id)
  if (command === undefined) {
    const message = `no command 0x${id.toString(16).padStart(8, "0")}`
    return Result.fail(new PduError("unknown_command", message, status.ESME_RINVCMDID, id, sequence_number, 4, bytes))
  }
  const reader = new OctetReader(bytes, headerLength)
  const empty = bytes.length === headerLength && isResponse(id)
  const pdu: Record<string, unknown> = { command, command_status: view.getUint32(8), sequence_number }
  for (const spec of specs(command)) pdu[spec.name] = empty ? emptyValue(spec.kind) : reader.field(spec)
  const tlvs: Array<Tlv> = []
  while (!reader.done) {
    const tlv = reader.tlv()
    if (tlv !== undefined) tlvs.push(tlv)
  }
  pdu.tlvs = tlvs
  if (reader.fault !== undefined) {
    const { reason, message, command_status, at } = reader.fault
    return Result.fail(new PduError(reason, message, command_status, id, sequence_number, at, bytes))
  }
  return Result.succeed(pdu as unknown as Pdu)
}

const specs = (command: CommandName): ReadonlyArray<FieldSpec> => fields[command]
