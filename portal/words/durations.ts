/** How long something took, as people say it: "61 ms", "0.4 sec", "4 min 7 sec", by the units that the language has in Intl. */

const SECOND_MS = 1_000
const UNITS = [
  ["day", 86_400 * SECOND_MS],
  ["hour", 3_600 * SECOND_MS],
  ["minute", 60 * SECOND_MS],
  ["second", SECOND_MS]
] as const

const formats = new Map<string, Intl.NumberFormat>()

const inUnits = (n: number, unit: string, locale: string, digits = 0): string => {
  const key = `${locale} ${unit} ${digits}`
  const known =
    formats.get(key) ??
    new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits })
  formats.set(key, known)
  return known.format(n)
}

/** The two largest of its units; below ten seconds with a tenth, below a tenth of one in milliseconds. */
export const sayDuration = (ms: number, locale: string): string => {
  if (ms < SECOND_MS / 10) return inUnits(Math.round(ms), "millisecond", locale)
  if (ms < 10 * SECOND_MS) return inUnits(ms / SECOND_MS, "second", locale, 1)
  const whole = Math.round(ms / SECOND_MS) * SECOND_MS
  const at = UNITS.findIndex(([, size]) => whole >= size)
  const [unit, size] = UNITS[at]!
  const rest = UNITS[at + 1]
  const left = rest === undefined ? 0 : Math.floor((whole % size) / rest[1])
  const most = inUnits(Math.floor(whole / size), unit, locale)
  return left === 0 ? most : `${most} ${inUnits(left, rest![0], locale)}`
}
