// Everything a client says but submits and answers to receipts: binds, enquire_link, unbind, and what we don't do.

import { Result } from "effect"
import { commandId, interfaceVersion, isResponse, responseId } from "#engine/smpp/command.ts"
import { decode, encode } from "#engine/smpp/Pdu.ts"
import { status } from "#engine/smpp/status.ts"
import { tlv } from "#engine/smpp/tlv.ts"
import type { Link } from "./Link.ts"
import type { Operator } from "./Operator.ts"

/** The simulator's own system_id. */
const system_id = "simulator"

/** Reads one whole PDU and answers it. */
export const readControl = (
  operator: Operator,
  link: Link,
  command_id: number,
  sequence_number: number,
  bytes: Buffer
) => {
  switch (command_id) {
    case commandId.bind_receiver:
    case commandId.bind_transmitter:
    case commandId.bind_transceiver:
      return bind(operator, link, bytes)
    case commandId.enquire_link:
      operator.tally.enquired++
      if (!operator.settings.silentEnquire) link.header(commandId.enquire_link_resp, 0, sequence_number)
      return
    case commandId.enquire_link_resp:
      return
    case commandId.unbind:
      link.header(commandId.unbind_resp, 0, sequence_number)
      return link.end()
    case commandId.unbind_resp:
      return link.end()
    case commandId.generic_nack:
      operator.tally.nacked++
      return operator.receipts.acknowledged(link, sequence_number, bytes.readUInt32BE(8))
    case commandId.submit_multi:
    case commandId.query_sm:
    case commandId.replace_sm:
    case commandId.cancel_sm:
      return link.header(responseId(command_id), status.ESME_RINVCMDID, sequence_number)
    default:
      operator.tally.unknown++
      // An answer that nobody asked for is passed over: nacking answers makes two machines talk for ever.
      if (!isResponse(command_id)) link.header(commandId.generic_nack, status.ESME_RINVCMDID, sequence_number)
  }
}

const bind = (operator: Operator, link: Link, bytes: Buffer) => {
  if (operator.settings.silentBinds) return
  const read = decode(bytes)
  if (Result.isFailure(read)) {
    operator.tally.bindsRefused++
    const { answer } = read.failure
    if (answer !== undefined) link.header(answer.command_id, answer.command_status, answer.sequence_number)
    return
  }
  const pdu = read.success
  if (pdu.command !== "bind_receiver" && pdu.command !== "bind_transmitter" && pdu.command !== "bind_transceiver")
    return
  const { sequence_number } = pdu
  const refused = refusal(operator, link, pdu.system_id, pdu.password)
  if (refused !== 0) {
    operator.tally.bindsRefused++
    return link.header(responseId(commandId[pdu.command]), refused, sequence_number)
  }
  operator.tally.bindsEver++
  link.transmits = pdu.command !== "bind_receiver"
  link.receives = pdu.command !== "bind_transmitter"
  operator.joined(link, pdu.system_id)
  const command = `${pdu.command}_resp` as const
  const tlvs = [tlv("sc_interface_version", interfaceVersion)]
  link.raw(Result.getOrThrow(encode({ command, sequence_number, system_id, tlvs })))
}

/** command_status of a bind: 0, or why not. */
const refusal = ({ settings, accounts }: Operator, link: Link, systemId: string, password: string): number => {
  if (link.account !== undefined) return status.ESME_RALYBND
  if (settings.bindStatus !== 0) return settings.bindStatus
  if (settings.systemId !== "" && settings.systemId !== systemId) return status.ESME_RINVSYSID
  if (settings.password !== "" && settings.password !== password) return status.ESME_RINVPASWD
  const binds = accounts.get(systemId)?.links.length ?? 0
  return settings.maxBinds > 0 && binds >= settings.maxBinds ? settings.tooManyBinds : 0
}
