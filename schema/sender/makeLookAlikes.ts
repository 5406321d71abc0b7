/**
 * Writes rules/look_alikes.sql from the table of confusables (UTS #39; unicode.org/Public/security) when a new one is wanted:
 *
 *     node schema/sender/makeLookAlikes.ts 18.0.0 confusables.txt > schema/rules/look_alikes.sql
 *
 * Takes every character of any script that can be taken for letters or digits of ASCII, and no other: a sender name is made of
 * these (rules/sender_names.sql), so what looks like none of them imitates nobody.
 *
 * A letter and its other case must come out the same, for a name is compared whatever its case. Where the two look like
 * different letters (Greek Υ like Y, υ like u), the capital decides: it is drawn alike to the dot, the small one only resembles.
 */
import { readFileSync } from "node:fs"

/** What people write for letters besides what Unicode lists: among it the Greek capitals of the GSM alphabet. */
const written: Readonly<Record<string, string>> = Object.fromEntries(
  "@a $s €e £l ¢c §s !l |l Δa Λa Σe Ξe Γr Πn Φo Ωo Θo Ψy".split(" ").map((pair) => [...pair] as [string, string])
)

/** One form for what is drawn alike once case is gone: I, l, 1; and the pairs rn, vv, which look like one letter. */
const drawn: Readonly<Record<string, string>> = { "0": "o", "1": "l", i: "l", m: "rn", w: "vv" }

/** Lines of confusables.txt: `0441 ; 0063 ; MA # …`: a character, what it looks like. */
const readConfusables = (text: string) =>
  new Map(
    text.split("\n").flatMap((line) => {
      const [from, to] = line.split("#")[0]!.split(";")
      if (from === undefined || to === undefined) return []
      return [[characters(from), characters(to)] as const]
    })
  )

const characters = (codes: string) =>
  String.fromCodePoint(...Array.from(codes.matchAll(/[0-9A-F]{2,}/gi), ([code]) => Number.parseInt(code, 16)))

/** The character itself and its other case, the capital first; alone where case is not one to one. */
const bothCases = (character: string): ReadonlyArray<string> => {
  const upper = character.toUpperCase()
  const lower = character.toLowerCase()
  const paired = Array.from(upper).length === 1 && Array.from(lower).length === 1
  return paired ? [...new Set([upper, lower, character])] : [character]
}

const first = <A, B>(all: ReadonlyArray<A>, of: (one: A) => B | undefined) => all.map(of).find((it) => it !== undefined)

/** What each character looks like, in small ASCII letters and digits. */
const lookAlikes = (confusables: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (let code = 0x21; code < 0x7f; code++) {
    const small = String.fromCharCode(code).toLowerCase()
    if (/[a-z0-9]/.test(small)) found.set(String.fromCharCode(code), drawn[small] ?? small)
  }
  for (const [character, letter] of Object.entries(written)) found.set(character, letter)

  /** Marks and punctuation don't count; undefined while one of its letters looks like nothing known. */
  const read = (shown: string): string | undefined => {
    let letters = ""
    for (const character of shown.normalize("NFKD")) {
      const letter = found.get(character)
      if (letter === undefined && /[\p{L}\p{N}]/u.test(character)) return undefined
      letters += letter ?? ""
    }
    return letters === "" ? undefined : letters
  }
  // what the database decomposes never gets as far as the table
  const all = [
    ...new Set([...confusables.keys(), ...confusables.values()].flatMap((shown) => Array.from(shown)))
  ].filter((character) => character > "~" && character.normalize("NFKD") === character && !/\p{M}/u.test(character))
  const direct = new Map(all.map((character) => [character, read(confusables.get(character) ?? "")] as const))
  /** until nothing new is found: by its own look, by its other case's, by that of what looks like it */
  for (let before = -1; before < found.size; ) {
    before = found.size
    for (const character of all) {
      if (found.has(character)) continue
      const cases = bothCases(character)
      const letters =
        first(cases, (one) => written[one] ?? direct.get(one)) ??
        first(cases, (one) => found.get(one) ?? read(confusables.get(one) ?? ""))
      if (letters === undefined) continue
      for (const one of cases) if (!found.has(one)) found.set(one, letters)
    }
    for (const [character, shown] of confusables) {
      const letters = found.get(character)
      if (letters !== undefined && Array.from(shown).length === 1 && read(shown) === undefined) {
        for (const one of bothCases(shown)) if (!found.has(one)) found.set(one, letters)
      }
    }
  }
  return found
}

const escaped = (character: string) => {
  const code = character.codePointAt(0)!
  if (code > 0xffff) return `\\+${code.toString(16).padStart(6, "0")}`
  return code < 0x7f ? character : `\\${code.toString(16).padStart(4, "0")}`
}

const WIDTH = 110

/** A string constant over as many lines as it takes (PostgreSQL manual, 4.1.2.1 and 4.1.2.3). */
const constant = (all: ReadonlyArray<string>) => {
  const lines = [""]
  for (const character of all.map(escaped)) {
    if (lines.at(-1)!.length + character.length > WIDTH) lines.push("")
    lines[lines.length - 1] += character
  }
  return `U&${lines.map((line) => `'${line}'`).join("\n      ")}`
}

const asSql = (version: string, found: ReadonlyMap<string, string>) => {
  const rows = Map.groupBy([...found.keys()], (character) => found.get(character)!)
  const values = [...rows].sort(([a], [b]) => (a < b ? -1 : 1))
  return `-- What can be taken for which letters or digits. Made by sender/makeLookAlikes.ts from confusables.txt of Unicode ${version} (UTS #39;
-- copyright Unicode, Inc., Unicode License V3, unicode.org/license.txt); not to be edited by hand.
--
-- letters: in the one form that is compared, so no i, m or w (they are l, rn, vv). characters: of every script, decomposed (NFKD).

CREATE OR REPLACE FUNCTION look_alikes() RETURNS TABLE (letters text, characters text) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  VALUES
${values.map(([letters, all]) => `    ('${letters}', ${constant(all.sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!))})`).join(",\n")}
$$;
`
}

const [version, file] = process.argv.slice(2)
process.stdout.write(asSql(version!, lookAlikes(readConfusables(readFileSync(file!, "utf8")))))
