/**
 * Which column of a csv holds the number, and what the others are called.
 */
import { type Normaliser, reasonOf } from "../text/Msisdn.ts"
import { type AudienceProblem, problems } from "./AudienceProblem.ts"

export interface Columns {
  /** Index of the column that holds the number. */
  readonly number: number
  /** Names of the others, in their order, each once. */
  readonly names: ReadonlyArray<string>
  /** Of all of them. */
  readonly all: ReadonlyArray<string>
  /** Whether the first record was a header, and holds no recipient. */
  readonly header: boolean
  /** The cells of the others, as many as `names`; a missing cell is "". */
  readonly valuesOf: (cells: ReadonlyArray<string>) => ReadonlyArray<string>
}

/**
 * From the first record. Without `column` the number is in the first one, and the record is a header when words stand
 * there: a number, also a bad or a missing one, is a recipient's row, to be counted. Columns without a name are called
 * by their position: "column 2".
 */
export const columnsOf = (
  first: ReadonlyArray<string>,
  column: string | undefined,
  normaliser: Normaliser
): Columns | { readonly problem: AudienceProblem } => {
  const header = column !== undefined || isWords(normaliser.ofText(first[0]!))
  const names = header
    ? unique(first.map((name, index) => name || positional(index)))
    : first.map((_, index) => positional(index))
  const number = column === undefined ? 0 : indexOf(names, column)
  if (number < 0) return { problem: problems.noSuchColumn(column!, names) }
  const others = names.map((_, index) => index).filter((index) => index !== number)
  return {
    number,
    names: others.map((index) => names[index]!),
    all: names,
    header,
    valuesOf: (cells) => others.map((index) => cells[index] ?? "")
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
  const folded = column.trim().toLowerCase()
  return names.findIndex((name) => name.toLowerCase() === folded)
}

/** A name that occurs again gets a number, so that no placeholder means two columns. */
const unique = (names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const taken = new Set<string>()
  return names.map((name) => {
    let candidate = name
    for (let again = 2; taken.has(candidate); again++) candidate = `${name} (${again})`
    taken.add(candidate)
    return candidate
  })
}
