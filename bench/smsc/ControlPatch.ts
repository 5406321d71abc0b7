// What can be changed while the simulator runs: every option that is not fixed at the start, and the script, by which a test
// says what the next submits or certain numbers are to meet.

import type { Script } from "./Operator.ts"
import { type OptionName, OptionsError, options, readOptions, type Settings, type SmscOptions } from "./Options.ts"
import { stateCode } from "./states.ts"
import { statusCode } from "./statuses.ts"

export interface ControlPatch extends SmscOptions {
  /** command_status of the next submits in order of arrival, by name or code; replaces what was left of the last list. */
  readonly nextStatuses?: ReadonlyArray<string | number>
  /** command_status by destination number; replaces the last list. */
  readonly statusByNumber?: Readonly<Record<string, string | number>>
  /** State of the receipt by destination number, such as UNDELIV; replaces the last list. */
  readonly stateByNumber?: Readonly<Record<string, string>>
}

/** Reads a patch whole or not at all; throws `OptionsError`. */
export const readPatch = (patch: unknown): { settings: Partial<Settings>; script: Partial<Script> } => {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch))
    throw new OptionsError("a patch is an object of options")
  const { nextStatuses, statusByNumber, stateByNumber, ...plain } = patch as Record<string, unknown>
  for (const name of Object.keys(plain))
    if (Object.hasOwn(options, name) && options[name as OptionName].fixed)
      throw new OptionsError(`${name} can only be said at the start`)
  const settings = readOptions(plain)
  const script: Partial<Script> = {}
  if (nextStatuses !== undefined) {
    if (!Array.isArray(nextStatuses)) throw new OptionsError("nextStatuses is a list of command_status")
    script.nextStatuses = nextStatuses.map((status) => code(statusCode, "command_status", status))
  }
  if (statusByNumber !== undefined) script.statusByNumber = byNumber("statusByNumber", statusByNumber, statusCode)
  if (stateByNumber !== undefined) script.stateByNumber = byNumber("stateByNumber", stateByNumber, stateCode)
  return { settings, script }
}

const code = (codeOf: (name: string) => number | undefined, what: string, name: unknown): number => {
  const found = codeOf(String(name))
  if (found === undefined) throw new OptionsError(`no such ${what}: ${JSON.stringify(name)}`)
  return found
}

const byNumber = (option: string, values: unknown, codeOf: (name: string) => number | undefined) => {
  if (typeof values !== "object" || values === null) throw new OptionsError(`${option} is an object by number`)
  return new Map(
    Object.entries(values).map(([number, name]) => {
      if (!/^\d{1,15}$/.test(number)) throw new OptionsError(`${option}: ${number} is not a number of 1 to 15 digits`)
      return [Number(number), code(codeOf, option, name)]
    })
  )
}
