/**
 * Which column of a csv holds the number, what the others are called, and which of them are kept for a text's placeholders.
 */
import { type Normaliser, reasonOf } from "../text/Msisdn.ts"
import { columnKey } from "../text/Placeholders.ts"
import { type AudienceProblem, problems } from "./AudienceProblem.ts"

export interface Columns {
  /** Index of the column that holds the number. */
  readonly number: number
  /** Names of those of the others that are kept, in their order, each once; and of those that are not. */
  readonly names: ReadonlyArray<string>
  readonly leftOut: ReadonlyArray<string>
  /** Of all of them. */
  readonly all: ReadonlyArray<string>
  /** Whether the first record was a header, and holds no recipient. */
  readonly header: boolean
  /** The cells of those that are kept, as many as `names`; a missing cell is "". */
  readonly valuesOf: (cells: ReadonlyArray<string>) => ReadonlyArray<string>
}

export interface ColumnChoice {
  /** Header of the column that holds the number; the first one without it. */
  readonly column: string | undefined
  /** Keys of the text's placeholders. */
  readonly placeholders: ReadonlyArray<string>
  /** Whether columns are kept that no placeholder names. */
  readonly keepAll: boolean
  readonly mostKept: number
}

/**
 * From the first record. Without `column` the number is in the first one, and the record is a header when words stand
 * there: a number, also a bad or a missing one, is a recipient's row, to be counted. Columns without a name are called
 * by their position: "column 2".
 */
export const columnsOf = (
  first: ReadonlyArray<string>,
  { column, keepAll, mostKept, placeholders }: ColumnChoice,
  normaliser: Normaliser
): Columns | { readonly problem: AudienceProblem } => {
  const header = column !== undefined || isWords(normaliser.ofText(first[0]!))
  const names = header
    ? unique(first.map((name, index) => name || positional(index)))
    : first.map((_, index) => positional(index))
  const number = column === undefined ? 0 : indexOf(names, column)
  if (number < 0) return { problem: problems.noSuchColumn(column!, names) }
  const others = names.map((_, index) => index).filter((index) => index !== number)
  const named = (index: number) => names[index]!
  const keyed = new Set(others.map((index) => columnKey(named(index))))
  const lacking = placeholders.filter((key) => !keyed.has(key))
  // nobody has said where the numbers are, and all that the text lacks is the first column
  const isWanted =
    header &&
    column === undefined &&
    names.length > 1 &&
    lacking.length === 1 &&
    lacking[0] === columnKey(named(number))
  if (isWanted) return { problem: problems.columnOfText(names) }
  if (lacking.length > 0) return { problem: problems.noSuchPlaceholder(lacking, others.map(named)) }
  const isKept = (index: number) => keepAll || placeholders.includes(columnKey(named(index)))
  const kept = others.filter(isKept)
  if (kept.length > mostKept) return { problem: problems.tooManyColumns(kept.length, mostKept) }
  return {
    number,
    names: kept.map(named),
    leftOut: others.filter((index) => !isKept(index)).map(named),
    all: names,
    header,
    valuesOf: (cells) => kept.map((index) => cells[index] ?? "")
  }
}

/** The column of a row that holds a number where the first one holds none, or -1: nobody has said which one is meant. */
export const likelier = (cells: ReadonlyArray<string>, normaliser: Normaliser): number =>
  normaliser.ofText(cells[0]!) >= 0 ? -1 : cells.findIndex((cell) => normaliser.ofText(cell) >= 0)

const isWords = (result: number): boolean => result < 0 && reasonOf(result) === "not a number"

const positional = (index: number): string => `column ${index + 1}`

const indexOf = (names: ReadonlyArray<string>, column: string): number => {
  const exact = names.indexOf(column)
  if (exact >= 0) return exact
  const key = columnKey(column)
  return names.findIndex((name) => columnKey(name) === key)
}

/** A name that occurs again gets a number ("name 2"), so that no placeholder means two columns. */
const unique = (names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const taken = new Set<string>()
  return names.map((name) => {
    let candidate = name
    for (let again = 2; taken.has(columnKey(candidate)); again++) candidate = `${name} ${again}`
    taken.add(columnKey(candidate))
    return candidate
  })
}
