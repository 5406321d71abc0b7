/** Moments as people say them: "today 18:00" by the clock of a place, the exact one beside it. */

export interface Said {
  /** "today 18:00", "14 Nov 09:30", "14 Nov 2025 09:30" */
  readonly short: string
  /** "Saturday, 14 November 2026 at 18:00:09 Asia/Tashkent" */
  readonly exact: string
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Formats are costly to make, and few. */
const format = (locale: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
  const key = `${locale} ${timeZone} ${JSON.stringify(options)}`
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone })
  formats.set(key, known)
  return known
}

const DAY_MS = 86_400_000

/** today and yesterday are named by Intl, as the language has them. */
const relative = new Map<string, Intl.RelativeTimeFormat>()
const dayName = (locale: string, days: -1 | 0 | 1): string => {
  const known = relative.get(locale) ?? new Intl.RelativeTimeFormat(locale, { numeric: "auto" })
  relative.set(locale, known)
  return known.format(days, "day")
}

/** zone: an IANA name that the runtime knows. */
export const sayMoment = (at: Date, now: Date, locale: string, zone: string): Said => {
  const date = format("sv", zone, { dateStyle: "short" })
  const time = format(locale, zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at)
  const day = date.format(at)
  const near = ([-1, 0, 1] as const).find((days) => date.format(new Date(now.getTime() + days * DAY_MS)) === day)
  const isThisYear = day.slice(0, 4) === date.format(now).slice(0, 4)
  const written = format(locale, zone, { day: "numeric", month: "short", ...(!isThisYear && { year: "numeric" }) })
  const full = format(locale, zone, { dateStyle: "full", timeStyle: "medium" })
  return {
    short: `${near === undefined ? written.format(at) : dayName(locale, near)} ${time}`,
    exact: `${full.format(at)} ${zone}`
  }
}

/** The day of a moment, where its times stand below it: "today", "14 November 2026". */
export const sayDay = (at: Date, now: Date, locale: string, zone: string): string => {
  const date = format("sv", zone, { dateStyle: "short" })
  const near = ([-1, 0, 1] as const).find(
    (days) => date.format(new Date(now.getTime() + days * DAY_MS)) === date.format(at)
  )
  return near === undefined ? format(locale, zone, { dateStyle: "long" }).format(at) : dayName(locale, near)
}

/** "18:00:09" */
export const sayTime = (at: Date, locale: string, zone: string): string =>
  format(locale, zone, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(at)

/** Whether clocks show the same there at that moment. */
export const isSameClock = (at: Date, one: string, other: string): boolean => {
  const options = { dateStyle: "short", timeStyle: "short" } as const
  return one === other || format("sv", one, options).format(at) === format("sv", other, options).format(at)
}

/** Whether there is such a zone. */
export const isZone = (name: string): boolean => {
  try {
    format("en", name, { dateStyle: "short" })
    return true
  } catch {
    return false
  }
}
