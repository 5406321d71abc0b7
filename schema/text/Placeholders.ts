/**
 * Placeholders: `((name))` in a text is, for each recipient, their value of the column of that name.
 *
 * A placeholder is two opening parentheses, a name of 1 to 100 characters without parentheses or line ends, and two closing ones.
 * Everything else is plain text, also `((` alone, `(( ))` with nothing in it and `((a(b)))`; of `(((name)))` the inner pair is the
 * placeholder. What a value holds is never read for placeholders again.
 *
 * Names are the same when they differ only in blanks around them or in the case of Latin, Greek or Cyrillic letters: an author
 * writes ((Name)) where the file's header says "name ". These letters, and no others, have one small letter each whatever the
 * locale, so that the database's `placeholders_of` and `column_key` (rules/placeholders.sql) say exactly the same (a test compares
 * them). A name as it is compared is called a key.
 */

/** How many characters a name has at most; a longer one is plain text. */
const PLACEHOLDER = /\(\(([^()\r\n]{1,100})\)\)/g

const CAPITALS = /[A-ZÀ-ÖØ-ÞΑ-ΡΣ-ΩЀ-Я]/g

const isBlank = (character: string | undefined) => character === " " || character === "\t" || character === "\u00a0"

/** The name of a column, or of a placeholder, as it is compared. */
export const columnKey = (name: string): string => {
  let from = 0
  let to = name.length
  while (from < to && isBlank(name[from])) from++
  while (to > from && isBlank(name[to - 1])) to--
  return name.slice(from, to).replace(CAPITALS, (letter) => letter.toLowerCase())
}

/** A text, cut at its placeholders. */
export interface ParsedText {
  /** keys of its placeholders, each once, in the order of the text */
  readonly keys: ReadonlyArray<string>
  /** what stands between them: one more than there are slots */
  readonly literals: ReadonlyArray<string>
  /** which key stands after each literal but the last: an index into `keys` */
  readonly slots: ReadonlyArray<number>
}

export const parse = (text: string): ParsedText => {
  const keys: Array<string> = []
  const literals: Array<string> = []
  const slots: Array<number> = []
  let at = 0
  for (const match of text.matchAll(PLACEHOLDER)) {
    const key = columnKey(match[1]!)
    if (key === "") continue
    const known = keys.indexOf(key)
    slots.push(known < 0 ? keys.push(key) - 1 : known)
    literals.push(text.slice(at, match.index))
    at = match.index + match[0].length
  }
  literals.push(text.slice(at))
  return { keys, literals, slots }
}

/** Keys of a text's placeholders, each once, in its order. */
export const placeholdersOf = (text: string): ReadonlyArray<string> => parse(text).keys

/** The text for one recipient, whose value of `keys[i]` is `values[i]`. */
export const render = ({ literals, slots }: ParsedText, values: ReadonlyArray<string>): string => {
  let text = literals[0]!
  for (let i = 0; i < slots.length; i++) text += values[slots[i]!]! + literals[i + 1]!
  return text
}

/** ((name)), ((city)): as people write them. */
export const inParentheses = (keys: ReadonlyArray<string>): string => keys.map((key) => `((${key}))`).join(", ")

/** What somebody may have meant for a placeholder, and is none: ((name), {{name}}, (( )). */
export const looksLikePlaceholder = (text: string): string | undefined =>
  parse(text)
    .literals.map((literal) => /\(\([^()\r\n]*\)?|\{\{?\s*\w+\s*\}\}?|\([^()\r\n]*\)\)/.exec(literal)?.[0])
    .find((found) => found !== undefined)
