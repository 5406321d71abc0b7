/**
 * Optional parameters of SMPP 3.4 (5.3.2) as data: name, tag, kind of value, and bounds of its length.
 *
 * A TLV keeps its place and its tag whatever it is: one that the table lacks (a vendor's, 0x1400 to 0x3FFF, or of a later
 * version) carries its octets as they came.
 */

export type TlvKind =
  | { readonly kind: "int1" | "int2" | "int4" | "none" }
  /** Octets with a zero at the end, which counts. Operators forget the zero, or pad with more: reading ends at the first, if any. */
  | { readonly kind: "cstring"; readonly max: number }
  | { readonly kind: "octets"; readonly min: number; readonly max: number }

export type TlvSpec = TlvKind & { readonly tag: number }

const most = 0xffff

const table = {
  dest_addr_subunit: { tag: 0x0005, kind: "int1" },
  dest_network_type: { tag: 0x0006, kind: "int1" },
  dest_bearer_type: { tag: 0x0007, kind: "int1" },
  dest_telematics_id: { tag: 0x0008, kind: "int2" },
  source_addr_subunit: { tag: 0x000d, kind: "int1" },
  source_network_type: { tag: 0x000e, kind: "int1" },
  source_bearer_type: { tag: 0x000f, kind: "int1" },
  source_telematics_id: { tag: 0x0010, kind: "int1" },
  qos_time_to_live: { tag: 0x0017, kind: "int4" },
  payload_type: { tag: 0x0019, kind: "int1" },
  additional_status_info_text: { tag: 0x001d, kind: "cstring", max: 256 },
  receipted_message_id: { tag: 0x001e, kind: "cstring", max: 65 },
  ms_msg_wait_facilities: { tag: 0x0030, kind: "int1" },
  privacy_indicator: { tag: 0x0201, kind: "int1" },
  source_subaddress: { tag: 0x0202, kind: "octets", min: 1, max: 23 },
  dest_subaddress: { tag: 0x0203, kind: "octets", min: 1, max: 23 },
  user_message_reference: { tag: 0x0204, kind: "int2" },
  user_response_code: { tag: 0x0205, kind: "int1" },
  source_port: { tag: 0x020a, kind: "int2" },
  destination_port: { tag: 0x020b, kind: "int2" },
  sar_msg_ref_num: { tag: 0x020c, kind: "int2" },
  language_indicator: { tag: 0x020d, kind: "int1" },
  sar_total_segments: { tag: 0x020e, kind: "int1" },
  sar_segment_seqnum: { tag: 0x020f, kind: "int1" },
  sc_interface_version: { tag: 0x0210, kind: "int1" },
  callback_num_pres_ind: { tag: 0x0302, kind: "int1" },
  callback_num_atag: { tag: 0x0303, kind: "octets", min: 0, max: 65 },
  number_of_messages: { tag: 0x0304, kind: "int1" },
  callback_num: { tag: 0x0381, kind: "octets", min: 3, max: 19 },
  dpf_result: { tag: 0x0420, kind: "int1" },
  set_dpf: { tag: 0x0421, kind: "int1" },
  ms_availability_status: { tag: 0x0422, kind: "int1" },
  network_error_code: { tag: 0x0423, kind: "octets", min: 3, max: 3 },
  message_payload: { tag: 0x0424, kind: "octets", min: 0, max: most },
  delivery_failure_reason: { tag: 0x0425, kind: "int1" },
  more_messages_to_send: { tag: 0x0426, kind: "int1" },
  message_state: { tag: 0x0427, kind: "int1" },
  ussd_service_op: { tag: 0x0501, kind: "octets", min: 1, max: 1 },
  display_time: { tag: 0x1201, kind: "int1" },
  sms_signal: { tag: 0x1203, kind: "int2" },
  ms_validity: { tag: 0x1204, kind: "int1" },
  alert_on_message_delivery: { tag: 0x130c, kind: "none" },
  its_reply_type: { tag: 0x1380, kind: "int1" },
  its_session_info: { tag: 0x1383, kind: "octets", min: 2, max: 2 }
} as const satisfies Record<string, TlvSpec>

export type TlvName = keyof typeof table

/** Specification by name. */
export const tlvs: { readonly [Name in TlvName]: (typeof table)[Name] } = table

type ValueOf<Kind> = Kind extends "cstring"
  ? string
  : Kind extends "octets"
    ? Uint8Array
    : Kind extends "none"
      ? true
      : number

/** One optional parameter as it stands in a PDU. `true` is the value of those that have none. */
export interface Tlv {
  readonly tag: number
  readonly value: number | string | Uint8Array | true
}

/** A parameter of the table, its value typed by its name. */
export const tlv = <Name extends TlvName>(name: Name, value: ValueOf<(typeof table)[Name]["kind"]>): Tlv => ({
  tag: table[name].tag,
  value
})

/** A parameter that the table lacks. */
export const vendorTlv = (tag: number, octets: Uint8Array): Tlv => ({ tag, value: octets })

/** The first value of a parameter among a PDU's, or `undefined`. */
export const tlvValue = <Name extends TlvName>(
  among: ReadonlyArray<Tlv>,
  name: Name
): ValueOf<(typeof table)[Name]["kind"]> | undefined => {
  for (const one of among) if (one.tag === table[name].tag) return one.value as ValueOf<(typeof table)[Name]["kind"]>
  return undefined
}

const byTag = new Map(
  Object.entries(table).map(([name, spec]) => [spec.tag as number, { name: name as TlvName, ...spec }])
)

export const tlvSpec = (tag: number): TlvSpec | undefined => byTag.get(tag)

/** Name of a tag, or `0x1401` for one without. */
export const tlvName = (tag: number): string => byTag.get(tag)?.name ?? `0x${tag.toString(16).padStart(4, "0")}`
