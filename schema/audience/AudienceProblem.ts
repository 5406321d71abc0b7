/**
 * Why a file as a whole is no audience. Every message says what happened and what to do, for whoever gave the file, at a
 * page or at a terminal; it names no path of the server.
 */
import { inParentheses } from "../text/Placeholders.ts"
import type { BinaryKind } from "./FileEncoding.ts"

export { binaryKinds } from "./FileEncoding.ts"

export const problemReasons = [
  "missing",
  "directory",
  "not readable",
  "empty",
  "no valid number",
  "no such column",
  "which column",
  "no such placeholder",
  "too many columns",
  "binary"
] as const

export type ProblemReason = (typeof problemReasons)[number]

export interface AudienceProblem {
  readonly reason: ProblemReason
  readonly message: string
  readonly kind?: BinaryKind
  /** The file's, where it is them that are wrong. */
  readonly columns?: ReadonlyArray<string>
  /** The one of them that seems to hold the numbers. */
  readonly likely?: string
}

const INSTEAD = "Give the numbers as .txt, one a line, or as .csv."

const whatItIs: Record<BinaryKind, string> = {
  spreadsheet: "This is a spreadsheet workbook, not a text file. Save it as “CSV UTF-8” and take that file.",
  "old office":
    "This is an old Office file (.xls or .doc), not a text file. Save it as “CSV UTF-8” and take that file.",
  archive: "This is a compressed archive, not a text file. Unpack it and take the .txt or .csv file inside.",
  pdf: `This is a PDF document, not a text file. ${INSTEAD}`,
  document: "This is a word processor's document, not a text file. Save it as plain text, with one number a line.",
  picture: `This is a picture, not a text file. ${INSTEAD}`,
  page: "This is a web page, not a text file. Open it in a spreadsheet and save it as “CSV UTF-8”.",
  unknown: `This is not a text file: it holds NUL bytes. ${INSTEAD}`
}

const listed = (names: ReadonlyArray<string>): string => names.slice(0, 20).join(", ")

export const problems = {
  missing: { reason: "missing", message: "The file is not there any more. Give it again." },
  directory: { reason: "directory", message: "This is a folder, not a file. Choose the file inside it." },
  notReadable: {
    reason: "not readable",
    message: "The file could not be read. Give it again; if that fails too, tell the operator of this installation."
  },
  empty: { reason: "empty", message: "The file is empty. Give one with a number in each line." },
  onlyHeader: {
    reason: "empty",
    message: "The file has a header and no rows. Give one with a number in each row."
  },
  noValidNumber: {
    reason: "no valid number",
    message:
      "No line of the file holds a valid number. See the rejected lines for the reasons; check the column that was chosen and the country of the workspace."
  },
  binary: (kind: BinaryKind): AudienceProblem => ({ reason: "binary", message: whatItIs[kind], kind }),
  noSuchColumn: (column: string, names: ReadonlyArray<string>): AudienceProblem => ({
    reason: "no such column",
    message: `The file has no column “${column}”. Its columns are: ${listed(names)}. Choose one of them.`,
    columns: names
  }),
  noSuchPlaceholder: (keys: ReadonlyArray<string>, names: ReadonlyArray<string>): AudienceProblem => ({
    reason: "no such placeholder",
    message: `The text has ${inParentheses(keys)}, and the file has no such column. ${
      names.length === 0
        ? "It has nothing but numbers."
        : `Its columns beside the one with the numbers are: ${listed(names)}.`
    } Change the text, or give a .csv file with such a column.`,
    columns: names
  }),
  tooManyColumns: (count: number, most: number): AudienceProblem => ({
    reason: "too many columns",
    message: `The file has ${count} columns beside the one with the numbers, and up to ${most} can be kept for placeholders. Take away those that the text does not need.`
  }),
  columnOfText: (names: ReadonlyArray<string>): AudienceProblem => ({
    reason: "which column",
    message: `The first column, “${names[0]}”, would be the one with the numbers, and the text uses it. The columns are: ${listed(names)}. Choose the one with the numbers, or change the text.`,
    columns: names,
    likely: names[1]!
  }),
  whichColumn: (names: ReadonlyArray<string>, likely: string): AudienceProblem => ({
    reason: "which column",
    message: `The first column, “${names[0]}”, holds no numbers, but “${likely}” seems to. The columns are: ${listed(names)}. Choose the one with the numbers.`,
    columns: names,
    likely
  })
} as const satisfies Record<string, AudienceProblem | ((...args: Array<never>) => AudienceProblem)>
