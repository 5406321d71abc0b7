/**
 * Why a file as a whole is no audience. Every message says what happened and what to do; it is shown to the person who
 * uploaded the file, and names no path of the server.
 */
import type { BinaryKind } from "./FileEncoding.ts"

export const problemReasons = [
  "missing",
  "directory",
  "not readable",
  "empty",
  "no valid number",
  "no such column",
  "binary"
] as const

export type ProblemReason = (typeof problemReasons)[number]

export interface AudienceProblem {
  readonly reason: ProblemReason
  readonly message: string
}

const whatItIs: Record<BinaryKind, string> = {
  spreadsheet: "This is a spreadsheet workbook, not a text file. Save it as “CSV UTF-8” and upload that.",
  archive: "This is a compressed archive, not a text file. Unpack it and upload the .txt or .csv file inside.",
  document: "This is a PDF document, not a text file. Upload the numbers as .txt, one a line, or as .csv.",
  unknown: "This is not a text file: it holds NUL bytes. Upload the numbers as .txt, one a line, or as .csv."
}

export const problems = {
  missing: { reason: "missing", message: "The file is not there any more. Upload it again." },
  directory: { reason: "directory", message: "This is a folder, not a file. Choose the file inside it." },
  notReadable: {
    reason: "not readable",
    message: "The file could not be read. Upload it again; if that fails too, tell the operator of this installation."
  },
  empty: { reason: "empty", message: "The file is empty. Upload one with a number in each line." },
  onlyHeader: {
    reason: "empty",
    message: "The file has a header and no rows. Upload one with a number in each row."
  },
  noValidNumber: {
    reason: "no valid number",
    message:
      "No line of the file holds a valid number. See the rejected lines for the reasons; check the column that was chosen and the country of the workspace."
  },
  binary: (kind: BinaryKind): AudienceProblem => ({ reason: "binary", message: whatItIs[kind] }),
  noSuchColumn: (column: string, names: ReadonlyArray<string>): AudienceProblem => ({
    reason: "no such column",
    message: `The file has no column “${column}”. Its columns are: ${names.slice(0, 20).join(", ")}. Choose one of them.`
  })
} as const satisfies Record<string, AudienceProblem | ((...args: Array<never>) => AudienceProblem)>
