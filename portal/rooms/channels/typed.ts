/** What somebody typed into the form of a channel, and the settings that it stands for. */
import { Redacted } from "effect"
import type { Typed } from "#portal/form.ts"
import type { Words } from "#portal/words.ts"
import type { ListedChannel } from "#schema/channel/ChannelList.ts"
import type { Settings } from "#schema/channel/ChannelSettings.ts"

const TEXTS = [
  "name",
  "host",
  "port",
  "system_id",
  "binds",
  "window_size",
  "per_second",
  "bind_mode",
  "charset"
] as const

/** As it was typed; a password is not typed back. */
export type Written = Readonly<Record<(typeof TEXTS)[number], string>> & { readonly tls: boolean }

export const NOTHING: Written = {
  ...{ name: "", host: "", port: "2775", system_id: "", binds: "1", window_size: "10", per_second: "" },
  ...{ bind_mode: "transceiver", charset: "gsm7", tls: false }
}

export const writtenOf = (channel: ListedChannel): Written => ({
  ...(Object.fromEntries(TEXTS.map((name) => [name, String(channel[name] ?? "")])) as Record<
    (typeof TEXTS)[number],
    string
  >),
  tls: channel.tls
})

export const writtenIn = (typed: Typed): Written => ({
  ...(Object.fromEntries(TEXTS.map((name) => [name, typed(name).trim()])) as Record<(typeof TEXTS)[number], string>),
  tls: typed("tls") === "yes"
})

/** Of the fields that are numbers, one that is none is said; all else the database refuses in its words. */
export const settingsOf = (written: Written, password: string, words: Words["channels"]): Settings | string => {
  const numbers = {
    port: words.port,
    binds: words.binds,
    window_size: words.window,
    per_second: words.contract
  } as const
  for (const [field, label] of Object.entries(numbers))
    if (!/^\d{0,9}$/.test(written[field as keyof typeof numbers])) return words.wholeNumber(label)
  const { bind_mode, binds, charset, host, name, per_second, port, system_id, tls, window_size } = written
  return {
    ...{ name, host, system_id, tls, port: Number(port), binds: Number(binds), window_size: Number(window_size) },
    bind_mode: bind_mode === "transmitter_and_receiver" ? bind_mode : "transceiver",
    charset: charset === "latin1" ? charset : "gsm7",
    per_second: per_second === "" ? null : Number(per_second),
    password: Redacted.make(password)
  }
}
