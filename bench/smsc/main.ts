// The SMSC simulator as a process: an operator to send to, with every vice an operator can have, and with a memory of what it
// was sent.
//
//   node bench/smsc/main.ts --port 2775 --http 2780 \
//     --latency 20/200 --errors ESME_RSYSERR=1%,ESME_RINVDSTADR=0.5% \
//     --receipt-delay 1000..5000 --receipt-mix DELIVRD=95,UNDELIV=4,EXPIRED=1
//
// It speaks SMPP 3.4: bind_transmitter, bind_receiver, bind_transceiver, submit_sm, data_sm, deliver_sm, enquire_link and unbind
// both ways; submit_multi, query_sm, replace_sm and cancel_sm are refused, what is unknown gets generic_nack. Receipts have the
// text of Appendix B and the TLVs receipted_message_id and message_state.
//
// All that chance decides follows from --seed and the order of arrival. Every option but the fixed ones can be changed while it
// runs: `curl -d '{"latency":"0"}' localhost:2780/control`; `Http.ts` lists what else it can be asked. Ctrl-C ends it. Exit
// codes: 0 ended, 1 could not start, 2 nonsense was asked for.

import { parseArgs } from "node:util"
import { flagOf, OptionsError, options, readOptions, type SmscOptions } from "./Options.ts"
import { makeSmsc, SmscError } from "./Smsc.ts"

const entries = Object.entries(options)

const help = (): string => {
  const lines = entries.map(([name, { default: value, help }]) => {
    const flag = typeof value === "boolean" ? `${flagOf(name)}, --no-${flagOf(name).slice(2)}` : flagOf(name)
    return `  ${flag.padEnd(44)} ${help} [${value === "" ? "none" : String(value)}]`
  })
  return [
    "An SMSC simulator: SMPP 3.4, with the behaviour you ask for.",
    "",
    "  node bench/smsc/main.ts [options]",
    "",
    ...lines,
    "",
    "  Times are milliseconds: 20, 5..50 or 20/200 (median/p99). Shares are 0.01 or 1%."
  ].join("\n")
}

const quit = (code: number, message: string) => {
  process.stderr.write(`${message}\n`)
  process.exitCode = code
}

/** What the command line says; throws `OptionsError`. */
const asked = (args: ReadonlyArray<string>): SmscOptions | "help" => {
  const types = Object.fromEntries(
    entries.map(([name, option]) => [
      flagOf(name).slice(2),
      { type: typeof option.default === "boolean" ? ("boolean" as const) : ("string" as const) }
    ])
  )
  const named = new Map(entries.map(([name]) => [flagOf(name).slice(2), name]))
  let values: Record<string, unknown>
  try {
    values = parseArgs({
      args: [...args],
      options: { ...types, help: { type: "boolean", short: "h" } },
      allowNegative: true
    }).values
  } catch (error) {
    throw new OptionsError((error as Error).message)
  }
  if (values.help === true) return "help"
  const given = Object.fromEntries(Object.entries(values).map(([flag, value]) => [named.get(flag) ?? flag, value]))
  readOptions(given, flagOf)
  return given as SmscOptions
}

try {
  const given = asked(process.argv.slice(2))
  if (given === "help") process.stdout.write(`${help()}\n`)
  else {
    const smsc = await makeSmsc(given)
    const control = smsc.httpPort === 0 ? "" : `, control on http://${smsc.settings().host}:${smsc.httpPort}`
    process.stdout.write(`SMSC simulator on ${smsc.settings().host}:${smsc.port}${control}\n`)
    if (smsc.warning !== "") process.stderr.write(`${smsc.warning}\n`)
    const end = () => void smsc.close().catch((error: Error) => quit(1, error.message))
    process.once("SIGINT", end)
    process.once("SIGTERM", end)
  }
} catch (error) {
  if (error instanceof OptionsError) quit(2, `${error.message}\nSee --help.`)
  else if (error instanceof SmscError) quit(1, error.message)
  else throw error
}
