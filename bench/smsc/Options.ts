// What the simulator can be told, as data: each option once, with its reading, its default and its sentence for --help. The
// same table serves the command line, `makeSmsc` and the control over HTTP.

import { type Distribution, distribution } from "./Distribution.ts"
import { type IdForm, idForms } from "./MessageIdDress.ts"
import { type Mix, share, shares, weights } from "./Mix.ts"
import { stateCode } from "./states.ts"
import { statusCode } from "./statuses.ts"

type Raw = string | number | boolean

interface Option<R extends Raw, T> {
  readonly read: (value: Raw) => T | undefined
  readonly default: R
  readonly expects: string
  readonly help: string
  /** True when it can only be said at the start. */
  readonly fixed: boolean
}

const number = (value: Raw): number | undefined =>
  typeof value === "number" ? value : typeof value === "string" && /^\d+$/.test(value) ? Number(value) : undefined

const int = (byDefault: number, least: number, most: number, help: string, fixed = false): Option<number, number> => ({
  read: (value) => {
    const n = number(value)
    return n !== undefined && Number.isSafeInteger(n) && n >= least && n <= most ? n : undefined
  },
  default: byDefault,
  expects: `a whole number from ${least} to ${most}`,
  help,
  fixed
})

const bool = (byDefault: boolean, help: string): Option<boolean, boolean> => ({
  read: (value) => (typeof value === "boolean" ? value : undefined),
  default: byDefault,
  expects: "true or false",
  help,
  fixed: false
})

const text = (byDefault: string, most: number, help: string, fixed = false): Option<string, string> => ({
  read: (value) => (typeof value === "string" && value.length <= most ? value : undefined),
  default: byDefault,
  expects: `text of at most ${most} characters`,
  help,
  fixed
})

const parsed = <T>(
  byDefault: string,
  parse: (value: string) => T | undefined,
  expects: string,
  help: string
): Option<string | number, T> => ({
  read: (value) => (typeof value === "boolean" ? undefined : parse(String(value))),
  default: byDefault,
  expects,
  help,
  fixed: false
})

const delay = (byDefault: string, help: string): Option<string | number, Distribution> =>
  parsed(byDefault, distribution, "milliseconds: 20, 5..50 or 20/200 (median/p99)", help)

const portion = (help: string): Option<string | number, number> => parsed("0", share, "a share: 0.01 or 1%", help)

const choice = <A extends string>(byDefault: A, all: ReadonlyArray<A>, help: string): Option<A, A> => ({
  read: (value) => all.find((a) => a === value),
  default: byDefault,
  expects: `one of ${all.join(", ")}`,
  help,
  fixed: false
})

const status = (byDefault: string, help: string): Option<string | number, number> =>
  parsed(byDefault, statusCode, "a command_status: ESME_RSYSERR or 0x08", help)

const maxSafe = Number.MAX_SAFE_INTEGER - 0x80000000
const big = 1_000_000_000

export const options = {
  host: text("127.0.0.1", 255, "address to listen on", true),
  port: int(2775, 0, 65535, "SMPP port; 0 takes a free one", true),
  http: int(-1, -1, 65535, "port of the control over HTTP; 0 takes a free one, -1 for none", true),
  tlsCert: text("", 4096, "file with the certificate, PEM; with it and the key, SMPP is over TLS", true),
  tlsKey: text("", 4096, "file with the private key, PEM", true),
  seed: int(1, 0, 0xffffffff, "seed of all chance: the n-th submit of a run always has the same fate", true),
  owed: text("", 4096, "file that keeps, from a stop to the next start, the receipts still owed and the next id", true),
  idBase: int(0, 0, maxSafe, "message id of the first submit; 0 takes one that no earlier run has used", true),

  systemId: text("", 15, "the only system_id that may bind; empty lets anybody in"),
  password: text("", 8, "its password; empty takes any; a wrong one gets ESME_RINVPASWD"),
  maxBinds: int(0, 0, 65535, "binds an account may have at once; 0 for no bound"),
  tooManyBinds: status("ESME_RALYBND", "what a bind too many is answered (or ESME_RBINDFAIL)"),
  bindStatus: status("ESME_ROK", "what every bind is answered; anything but ESME_ROK refuses all"),
  silentBinds: bool(false, "never answer a bind"),

  rate: int(0, 0, big, "submits a second that an account may send, beyond it ESME_RTHROTTLED; 0 for no bound"),
  burst: int(0, 0, big, "how many may come at once within the rate; 0 for a tenth of it"),
  latency: delay("0", "time until a submit is answered; 0 answers in the same turn"),
  window: int(0, 0, 1_000_000, "unanswered submits that a bind may have; 0 for no bound"),
  windowFull: choice("throttle", ["throttle", "stall"], "beyond the window: ESME_RTHROTTLED, or stop reading"),
  errors: parsed(
    "",
    (value) => shares(value, statusCode),
    "shares: ESME_RSYSERR=1%,ESME_RINVDSTADR=0.005",
    "submits refused, and with what"
  ),
  silent: portion("submits that are never answered"),
  silentReceipts: bool(false, "submits that are never answered were taken all the same, and get their receipt"),
  closeAfter: int(0, 0, big, "cut a connection at its n-th submit, without an answer to it; 0 for never"),

  receipts: bool(true, "send receipts"),
  receiptsUnasked: bool(false, "send receipts whatever registered_delivery says"),
  receiptDelay: delay("0", "time from the answer to the receipt"),
  receiptMix: parsed(
    "DELIVRD=1",
    (value) => weights(value, stateCode),
    "weights: DELIVRD=95,UNDELIV=4,EXPIRED=1",
    "what receipts say"
  ),
  receiptTlvs: bool(true, "put receipted_message_id and message_state into receipts"),
  early: portion("receipts that come before the answer to their submit"),
  stray: portion("receipts that come on another bind of the account"),
  duplicate: portion("receipts that come twice"),
  receiptWindow: int(
    10_000,
    1,
    1_000_000,
    "receipts that may wait for their answer on a bind; changed, it holds for binds that come"
  ),
  receiptTimeout: int(0, 0, 86_400_000, "milliseconds after which an unanswered receipt is sent again; 0 for never"),

  id: choice<IdForm>("decimal", idForms, "dress of the message id in the answer"),
  idWidth: int(0, 0, 63, "fill the id in the answer with zeros to so many characters"),
  receiptId: choice<IdForm | "same">("same", ["same", ...idForms], "dress of the message id in the receipt"),
  receiptIdWidth: int(0, 0, 63, "fill the id in the receipt with zeros to so many characters"),

  enquire: int(30_000, 0, 86_400_000, "milliseconds between enquire_links to an idle client; 0 for none"),
  silentEnquire: bool(false, "never answer enquire_link"),
  keep: int(0, 0, 100_000, "so many of the last submits are kept whole, octet for octet")
} as const

type Options = typeof options
export type OptionName = keyof Options

/** What may be said; what isn't has its default. */
export type SmscOptions = { readonly [K in OptionName]?: Options[K] extends Option<infer R, infer _> ? R : never }

/** What was said, read. */
export type Settings = { readonly [K in OptionName]: Options[K] extends Option<infer _, infer T> ? T : never }

/** Nonsense was said; the message names the option, the value and what is expected. */
export class OptionsError extends Error {}

const isName = (name: string): name is OptionName => Object.hasOwn(options, name)

/** The name of the option as a flag: `receiptDelay` is `--receipt-delay`. */
export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** Reads each value that is given; throws `OptionsError`. */
export const readOptions = (values: Readonly<Record<string, unknown>>, spell = (name: string) => name) => {
  const settings: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue
    if (!isName(name)) throw new OptionsError(`no such option: ${spell(name)}`)
    const plain = typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    const read = plain ? options[name].read(value) : undefined
    if (read === undefined)
      throw new OptionsError(`${spell(name)}: ${JSON.stringify(value)} is not ${options[name].expects}`)
    settings[name] = read
  }
  return settings as Partial<Settings>
}

/** All settings, with the defaults where nothing was said. */
export const settingsOf = (given: Partial<Settings>): Settings => {
  const defaults = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default]))
  return { ...(readOptions(defaults) as Settings), ...given }
}

/** Settings as they would be written, for whoever asks what is in force. */
export const writtenSettings = (settings: Settings): Record<string, Raw> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      typeof value === "object" ? (value as Distribution | Mix).text : value
    ])
  )
