/** An operator's answer as its support asks for it: the code in hex, with the specification's own name where it has one (SMPP 3.4, 5.1.3). */

const NAMES: Readonly<Record<number, string>> = {
  1: "ESME_RINVMSGLEN",
  2: "ESME_RINVCMDLEN",
  3: "ESME_RINVCMDID",
  4: "ESME_RINVBNDSTS",
  8: "ESME_RSYSERR",
  10: "ESME_RINVSRCADR",
  11: "ESME_RINVDSTADR",
  20: "ESME_RMSGQFUL",
  69: "ESME_RSUBMITFAIL",
  88: "ESME_RTHROTTLED",
  97: "ESME_RINVSCHED",
  98: "ESME_RINVEXPIRY",
  255: "ESME_RUNKNOWNERR"
}

export const commandStatus = (status: number): string => {
  const code = `0x${(status >>> 0).toString(16).padStart(8, "0")}`
  const name = NAMES[status]
  return name === undefined ? code : `${code} ${name}`
}

/** SMPP 3.4, appendix B: as a receipt says it. */
const STATES: Readonly<Record<number, string>> = {
  1: "ENROUTE",
  2: "DELIVRD",
  3: "EXPIRED",
  4: "DELETED",
  5: "UNDELIV",
  6: "ACCEPTD",
  7: "UNKNOWN",
  8: "REJECTD"
}

export const receiptState = (state: number): string => STATES[state] ?? `${state}`
