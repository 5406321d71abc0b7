/** Days as a date field of a form has them ("2026-11-14"), and the moments at which they begin where somebody's clock is. */

const formats = new Map<string, Intl.DateTimeFormat>()

const wallClock = (at: Date, zone: string): number => {
  const known =
    formats.get(zone) ?? new Intl.DateTimeFormat("sv", { timeZone: zone, dateStyle: "short", timeStyle: "medium" })
  formats.set(zone, known)
  return Date.parse(`${known.format(at).replace(" ", "T")}Z`)
}

/** When a day (or, with days 1, the one after it) begins; undefined: there is no such day. */
export const beginOfDay = (day: string, zone: string, days = 0): Date | undefined => {
  // of other centuries clocks and the database write years in other ways
  if (!/^(19|2\d)\d{2}-\d{2}-\d{2}$/.test(day)) return undefined
  const named = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(named.getTime()) || named.toISOString().slice(0, 10) !== day) return undefined
  const midnight = named.getTime() + days * 86_400_000
  // twice: at the first look the offset may be that of before a change of clocks
  const first = midnight - (wallClock(new Date(midnight), zone) - midnight)
  return new Date(midnight - (wallClock(new Date(first), zone) - first))
}
