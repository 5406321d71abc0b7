/**
 * Times of SMPP 3.4 (7.1.1): `YYMMDDhhmmsstnnp`, absolute with quarters of an hour east (`+`) or west (`-`) of UTC, or
 * relative (`R`): so much from now.
 */

const two = (value: number) => String(value).padStart(2, "0")

/** Days of a relative time stay below this, because whether DD may exceed a month is told nowhere. */
const mostDays = 31

/** A relative time, rounded to seconds; `undefined` when it is not between one second and 31 days. */
export const relativeTime = (milliseconds: number): string | undefined => {
  const seconds = Math.round(milliseconds / 1000)
  if (!(seconds >= 1 && seconds <= mostDays * 86_400)) return undefined
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor(seconds / 3600) % 24
  const minutes = Math.floor(seconds / 60) % 60
  return `0000${two(days)}${two(hours)}${two(minutes)}${two(seconds % 60)}000R`
}

/** An absolute time in UTC, to the tenth of a second. @param instant milliseconds since 1970, in this century */
export const absoluteTime = (instant: number): string => {
  const date = new Date(instant)
  const day = `${two(date.getUTCFullYear() % 100)}${two(date.getUTCMonth() + 1)}${two(date.getUTCDate())}`
  const clock = `${two(date.getUTCHours())}${two(date.getUTCMinutes())}${two(date.getUTCSeconds())}`
  return `${day}${clock}${Math.floor(date.getUTCMilliseconds() / 100)}00+`
}

const shape = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d)(\d\d)([+\-R])$/

/** The instant a time means, in milliseconds since 1970; `undefined` when it isn't one. @param now for relative times */
export const instantOf = (time: string, now: number): number | undefined => {
  const found = shape.exec(time)
  if (found === null) return undefined
  const [years, months, days, hours, minutes, seconds, tenths, quarters] = found.slice(1, 9).map(Number) as Eight
  if (found[9] === "R") {
    const from = new Date(now)
    from.setUTCFullYear(from.getUTCFullYear() + years, from.getUTCMonth() + months, from.getUTCDate() + days)
    return from.getTime() + hours * 3_600_000 + minutes * 60_000 + seconds * 1000
  }
  if (months < 1 || months > 12 || days < 1 || days > 31 || hours > 23 || minutes > 59 || seconds > 59) return undefined
  if (quarters > 48) return undefined
  const offset = quarters * 900_000 * (found[9] === "-" ? -1 : 1)
  return Date.UTC(2000 + years, months - 1, days, hours, minutes, seconds, tenths * 100) - offset
}

type Eight = [number, number, number, number, number, number, number, number]
