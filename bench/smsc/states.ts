// The final states of a message, as SMPP 3.4 names them in a receipt's text (Appendix B) and numbers them in the TLV
// message_state (5.2.28), with the `err:` that operators like to put beside them.

export interface MessageState {
  readonly stat: string
  readonly message_state: number
  readonly err: string
}

export const states: ReadonlyArray<MessageState> = [
  { stat: "ENROUTE", message_state: 1, err: "000" },
  { stat: "DELIVRD", message_state: 2, err: "000" },
  { stat: "EXPIRED", message_state: 3, err: "027" },
  { stat: "DELETED", message_state: 4, err: "030" },
  { stat: "UNDELIV", message_state: 5, err: "001" },
  { stat: "ACCEPTD", message_state: 6, err: "000" },
  { stat: "UNKNOWN", message_state: 7, err: "255" },
  { stat: "REJECTD", message_state: 8, err: "069" }
]

export const DELIVRD = 2

/** message_state of a name such as `DELIVRD`. */
export const stateCode = (stat: string): number | undefined => states.find((s) => s.stat === stat)?.message_state

export const stateOf = (message_state: number): MessageState | undefined => states[message_state - 1]
