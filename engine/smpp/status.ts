/**
 * Every command_status of SMPP 3.4 (5.1.3): code, name, meaning, and what the dispatcher is to do about it.
 *
 * Classes
 * - `ok`: taken.
 * - `throttled`: the operator asks to be slower; the message goes back and the channel slows down.
 * - `temporary`: the operator failed, not the message; it is tried again by the retry table, which ends.
 * - `permanent`: this message will never be taken; its outcome is `rejected`.
 * - `bind`: nothing is wrong with the message, the bind or its account is; the message goes back and the bind is mended.
 *
 * A code that the specification lacks is permanent: to repeat what nobody understands is how an account gets blocked. The
 * exception is the vendors' own range, 0x400 to 0x4FF, which is temporary: there operators put credit, routes that are
 * down and quotas of a minute as often as refusals; a refusal that is repeated costs a few submits, a passing fault taken
 * for final loses the message.
 */

export type StatusClass = "ok" | "throttled" | "temporary" | "permanent" | "bind"

export interface Status {
  readonly code: number
  /** As in the specification; `0x0000041a` where it has no name. */
  readonly name: string
  readonly class: StatusClass
  readonly meaning: string
}

const table = {
  ESME_ROK: [0x00, "ok", "no error"],
  ESME_RINVMSGLEN: [0x01, "permanent", "message length is invalid"],
  ESME_RINVCMDLEN: [0x02, "permanent", "command length is invalid"],
  ESME_RINVCMDID: [0x03, "permanent", "command id is invalid"],
  ESME_RINVBNDSTS: [0x04, "bind", "this bind may not send this command, or is not bound"],
  ESME_RALYBND: [0x05, "bind", "already bound"],
  ESME_RINVPRTFLG: [0x06, "permanent", "priority flag is invalid"],
  ESME_RINVREGDLVFLG: [0x07, "permanent", "registered delivery flag is invalid"],
  ESME_RSYSERR: [0x08, "temporary", "system error at the operator"],
  ESME_RINVSRCADR: [0x0a, "permanent", "source address is invalid"],
  ESME_RINVDSTADR: [0x0b, "permanent", "destination address is invalid"],
  ESME_RINVMSGID: [0x0c, "permanent", "message id is invalid"],
  ESME_RBINDFAIL: [0x0d, "bind", "bind failed"],
  ESME_RINVPASWD: [0x0e, "bind", "password is wrong"],
  ESME_RINVSYSID: [0x0f, "bind", "system id is unknown"],
  ESME_RCANCELFAIL: [0x11, "permanent", "cancelling failed"],
  ESME_RREPLACEFAIL: [0x13, "permanent", "replacing failed"],
  ESME_RMSGQFUL: [0x14, "throttled", "message queue is full"],
  ESME_RINVSERTYP: [0x15, "permanent", "service type is invalid"],
  ESME_RINVNUMDESTS: [0x33, "permanent", "number of destinations is invalid"],
  ESME_RINVDLNAME: [0x34, "permanent", "distribution list name is invalid"],
  ESME_RINVDESTFLAG: [0x40, "permanent", "destination flag is invalid"],
  ESME_RINVSUBREP: [0x42, "permanent", "submit with replace is invalid"],
  ESME_RINVESMCLASS: [0x43, "permanent", "esm_class is invalid"],
  ESME_RCNTSUBDL: [0x44, "permanent", "can't submit to a distribution list"],
  ESME_RSUBMITFAIL: [0x45, "permanent", "submit failed"],
  ESME_RINVSRCTON: [0x48, "permanent", "source type of number is invalid"],
  ESME_RINVSRCNPI: [0x49, "permanent", "source numbering plan is invalid"],
  ESME_RINVDSTTON: [0x50, "permanent", "destination type of number is invalid"],
  ESME_RINVDSTNPI: [0x51, "permanent", "destination numbering plan is invalid"],
  ESME_RINVSYSTYP: [0x53, "bind", "system type is invalid"],
  ESME_RINVREPFLAG: [0x54, "permanent", "replace_if_present flag is invalid"],
  ESME_RINVNUMMSGS: [0x55, "permanent", "number of messages is invalid"],
  ESME_RTHROTTLED: [0x58, "throttled", "throttled: more a second than allowed"],
  ESME_RINVSCHED: [0x61, "permanent", "scheduled delivery time is invalid"],
  ESME_RINVEXPIRY: [0x62, "permanent", "validity period is invalid"],
  ESME_RINVDFTMSGID: [0x63, "permanent", "predefined message is invalid or not found"],
  ESME_RX_T_APPN: [0x64, "temporary", "receiving application: temporary error"],
  ESME_RX_P_APPN: [0x65, "permanent", "receiving application: permanent error"],
  ESME_RX_R_APPN: [0x66, "permanent", "receiving application: message refused"],
  ESME_RQUERYFAIL: [0x67, "permanent", "query failed"],
  ESME_RINVOPTPARSTREAM: [0xc0, "permanent", "optional part of the PDU is broken"],
  ESME_ROPTPARNOTALLWD: [0xc1, "permanent", "optional parameter is not allowed"],
  ESME_RINVPARLEN: [0xc2, "permanent", "optional parameter has a wrong length"],
  ESME_RMISSINGOPTPARAM: [0xc3, "permanent", "an expected optional parameter is missing"],
  ESME_RINVOPTPARAMVAL: [0xc4, "permanent", "optional parameter has an invalid value"],
  ESME_RDELIVERYFAILURE: [0xfe, "permanent", "delivery failed"],
  // The operator itself doesn't know what happened, so it didn't judge the message.
  ESME_RUNKNOWNERR: [0xff, "temporary", "unknown error at the operator"]
} as const satisfies Record<string, readonly [code: number, class_: StatusClass, meaning: string]>

export type StatusName = keyof typeof table

/** command_status by name. */
export const status = Object.fromEntries(Object.entries(table).map(([name, [code]]) => [name, code])) as {
  readonly [Name in StatusName]: (typeof table)[Name][0]
}

/** All of them, in the order of their codes. */
export const statuses: ReadonlyArray<Status> = Object.entries(table).map(([name, [code, class_, meaning]]) => ({
  code,
  name,
  class: class_,
  meaning
}))

const byCode = new Map(statuses.map((known) => [known.code, known]))

const firstOfVendors = 0x400
const lastOfVendors = 0x4ff

/** What is known of a code; for a code without a name, what follows from its range. */
export const statusOf = (code: number): Status => {
  const known = byCode.get(code)
  if (known !== undefined) return known
  const name = `0x${code.toString(16).padStart(8, "0")}`
  return code >= firstOfVendors && code <= lastOfVendors
    ? { code, name, class: "temporary", meaning: "the operator's own code" }
    : { code, name, class: "permanent", meaning: "not a code of SMPP 3.4" }
}

/** Name of a code, for people and logs. */
export const statusName = (code: number): string => statusOf(code).name

export const statusClass = (code: number): StatusClass => statusOf(code).class
