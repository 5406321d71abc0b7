/**
 * The mandatory fields of every PDU of SMPP 3.4 (section 4), as data in wire order. `max` of a cstring counts its zero, as
 * the specification's tables do; `octets` are preceded by one octet that counts them (sm_length). `wrong` is the
 * command_status of a value that the specification forbids, where 5.1.3 has one of its own.
 */
import type { CommandName } from "./command.ts"
import { status } from "./status.ts"

export type FieldSpec =
  | { readonly name: string; readonly kind: "int1" | "int4" }
  | { readonly name: string; readonly kind: "cstring"; readonly max: number; readonly wrong: number }
  | { readonly name: string; readonly kind: "octets"; readonly max: number; readonly wrong: number }
  | { readonly name: string; readonly kind: "destinations" | "failures" }

const int1 = <const Name extends string>(name: Name) => ({ name, kind: "int1" }) as const
const cstring = <const Name extends string>(name: Name, max: number, wrong: number = status.ESME_RSYSERR) =>
  ({ name, kind: "cstring", max, wrong }) as const

const short_message = { name: "short_message", kind: "octets", max: 254, wrong: status.ESME_RINVMSGLEN } as const
const message_id = cstring("message_id", 65, status.ESME_RINVMSGID)
const service_type = cstring("service_type", 6, status.ESME_RINVSERTYP)
const schedule_delivery_time = cstring("schedule_delivery_time", 17, status.ESME_RINVSCHED)
const validity_period = cstring("validity_period", 17, status.ESME_RINVEXPIRY)
const system_id = cstring("system_id", 16, status.ESME_RINVSYSID)
const password = cstring("password", 9, status.ESME_RINVPASWD)

const source = (max: number) =>
  [int1("source_addr_ton"), int1("source_addr_npi"), cstring("source_addr", max, status.ESME_RINVSRCADR)] as const
const destination = (max: number) =>
  [int1("dest_addr_ton"), int1("dest_addr_npi"), cstring("destination_addr", max, status.ESME_RINVDSTADR)] as const

const bind = [
  system_id,
  password,
  cstring("system_type", 13, status.ESME_RINVSYSTYP),
  int1("interface_version"),
  int1("addr_ton"),
  int1("addr_npi"),
  cstring("address_range", 41, status.ESME_RBINDFAIL)
] as const

const message = [
  int1("esm_class"),
  int1("protocol_id"),
  int1("priority_flag"),
  schedule_delivery_time,
  validity_period,
  int1("registered_delivery"),
  int1("replace_if_present_flag"),
  int1("data_coding"),
  int1("sm_default_msg_id"),
  short_message
] as const

const submit = [service_type, ...source(21), ...destination(21), ...message] as const
const none = [] as const

export const fields = {
  generic_nack: none,
  bind_receiver: bind,
  bind_receiver_resp: [system_id],
  bind_transmitter: bind,
  bind_transmitter_resp: [system_id],
  query_sm: [message_id, ...source(21)],
  query_sm_resp: [message_id, cstring("final_date", 17), int1("message_state"), int1("error_code")],
  submit_sm: submit,
  submit_sm_resp: [message_id],
  deliver_sm: submit,
  deliver_sm_resp: [message_id],
  unbind: none,
  unbind_resp: none,
  replace_sm: [
    message_id,
    ...source(21),
    schedule_delivery_time,
    validity_period,
    int1("registered_delivery"),
    int1("sm_default_msg_id"),
    short_message
  ],
  replace_sm_resp: none,
  cancel_sm: [service_type, message_id, ...source(21), ...destination(21)],
  cancel_sm_resp: none,
  bind_transceiver: bind,
  bind_transceiver_resp: [system_id],
  outbind: [system_id, password],
  enquire_link: none,
  enquire_link_resp: none,
  submit_multi: [service_type, ...source(21), { name: "dest_address", kind: "destinations" }, ...message],
  submit_multi_resp: [message_id, { name: "unsuccess_sme", kind: "failures" }],
  alert_notification: [
    ...source(65),
    int1("esme_addr_ton"),
    int1("esme_addr_npi"),
    cstring("esme_addr", 65, status.ESME_RINVDSTADR)
  ],
  data_sm: [
    service_type,
    ...source(65),
    ...destination(65),
    int1("esm_class"),
    int1("registered_delivery"),
    int1("data_coding")
  ],
  data_sm_resp: [message_id]
} as const satisfies Record<CommandName, ReadonlyArray<FieldSpec>>

/** One of submit_multi's dest_address(es), 4.5.1.1: an address or the name of a distribution list. */
export type Destination =
  | { readonly dest_addr_ton: number; readonly dest_addr_npi: number; readonly destination_addr: string }
  | { readonly dl_name: string }

/** One of submit_multi_resp's unsuccess_sme(s), 4.5.2.1. */
export interface Failure {
  readonly dest_addr_ton: number
  readonly dest_addr_npi: number
  readonly destination_addr: string
  readonly error_status_code: number
}

interface ValueByKind {
  readonly int1: number
  readonly int4: number
  readonly cstring: string
  readonly octets: Uint8Array
  readonly destinations: ReadonlyArray<Destination>
  readonly failures: ReadonlyArray<Failure>
}

export type FieldValue = ValueByKind[keyof ValueByKind]

/** The mandatory fields of a command, typed. */
export type FieldsOf<Name extends CommandName> = {
  readonly [Field in (typeof fields)[Name][number] as Field["name"]]: ValueByKind[Field["kind"]]
}

/** What a field holds that was not given: zero, the empty string, nothing. */
export const emptyValue = (kind: FieldSpec["kind"]): FieldValue => {
  switch (kind) {
    case "int1":
    case "int4":
      return 0
    case "cstring":
      return ""
    case "octets":
      return new Uint8Array(0)
    case "destinations":
    case "failures":
      return []
  }
}
