// What an operator still owes when it is stopped, in a file, so that the next start pays: receipts and messages from phones, as
// the PDUs they will be, and the next message id. One JSON object a line, a head and then one for each PDU.

import { readFileSync, renameSync, writeFileSync } from "node:fs"

/** A deliver_sm to come. */
export interface OwedPdu {
  readonly systemId: string
  /** Milliseconds since 1970. */
  readonly dueAt: number
  /** A receipt; else a message from a phone. */
  readonly receipt: boolean
  readonly pdu: Buffer
}

export interface Owed {
  /** The message id of the next submit. */
  readonly nextId: number
  readonly pdus: ReadonlyArray<OwedPdu>
}

const nothing: Owed = { nextId: 0, pdus: [] }

/** Replaces the file whole, or leaves it as it was and throws. */
export const writeOwed = (path: string, { nextId, pdus }: Owed): void => {
  const head = { owedBySimulator: 1, nextId, pdus: pdus.length }
  const lines = pdus.map(({ pdu, ...rest }) => JSON.stringify({ ...rest, pdu: pdu.toString("hex") }))
  writeFileSync(`${path}.new`, `${[JSON.stringify(head), ...lines].join("\n")}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

/**
 * What the file says; nothing where there is none. One that is damaged is renamed to `PATH.damaged`, and `warning` says so.
 * It is left where it is: after a kill the same is sent again, and an engine that has had it keeps it a while and drops it.
 */
export const readOwed = (path: string): { readonly owed: Owed; readonly warning?: string } => {
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { owed: nothing }
    throw error
  }
  const owed = parse(text)
  if (owed !== undefined) return { owed }
  renameSync(path, `${path}.damaged`)
  return {
    owed: nothing,
    warning: `${path} is damaged, so the receipts in it will not come; it is set aside as ${path}.damaged.`
  }
}

const parse = (text: string): Owed | undefined => {
  try {
    const [head, ...lines] = text.trimEnd().split("\n")
    const { owedBySimulator, nextId, pdus } = JSON.parse(head!)
    if (owedBySimulator !== 1 || !Number.isSafeInteger(nextId) || pdus !== lines.length) return undefined
    return { nextId, pdus: lines.map(parsePdu) }
  } catch {
    return undefined
  }
}

const parsePdu = (line: string): OwedPdu => {
  const { systemId, dueAt, receipt, pdu } = JSON.parse(line)
  const bytes = Buffer.from(pdu, "hex")
  const whole = bytes.length >= 16 && bytes.readUInt32BE(0) === bytes.length
  if (!whole || typeof systemId !== "string" || typeof receipt !== "boolean" || !Number.isFinite(dueAt))
    throw new Error("no deliver_sm")
  return { systemId, dueAt, receipt, pdu: bytes }
}
