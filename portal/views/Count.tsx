/** A number, grouped as the reader's language does. */
import type { Visit } from "#portal/visit.ts"

const formats = new Map<string, Intl.NumberFormat>()

export const grouped = (n: number, locale: string): string => {
  const known = formats.get(locale) ?? new Intl.NumberFormat(locale)
  formats.set(locale, known)
  return known.format(n)
}

export const Count = ({ n, visit }: { n: number; visit: Visit }) => (
  <span class="tabular-nums">{grouped(n, visit.words.locale)}</span>
)
