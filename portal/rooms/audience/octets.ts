/** How large something is, as people say it: 340 kB, 12.4 MB. */

const UNITS = [
  ["gigabyte", 1e9],
  ["megabyte", 1e6],
  ["kilobyte", 1e3]
] as const

const formats = new Map<string, Intl.NumberFormat>()

export const sayOctets = (octets: number, locale: string): string => {
  const [unit, size] = UNITS.find(([, size]) => octets >= size) ?? (["byte", 1] as const)
  const key = `${locale} ${unit}`
  const known =
    formats.get(key) ??
    new Intl.NumberFormat(locale, {
      style: "unit",
      unit,
      unitDisplay: unit === "byte" ? "long" : "short",
      maximumFractionDigits: 1
    })
  formats.set(key, known)
  return known.format(octets / size)
}
