/**
 * Cuts a file of SQL into its statements, because the driver takes one a call.
 *
 * Knows what may hide a semicolon: strings (plain, E'', doubled quotes), quoted names, dollar quoting with and without
 * a tag, line comments, nested block comments, parentheses, and SQL-standard bodies (BEGIN ATOMIC … END) as psql does.
 * Lexical rules: PostgreSQL manual, 4.1. It never looks for errors: what is unterminated runs to the end of the file
 * and the server says what is wrong with it.
 */

export interface Statement {
  /** As written, comments inside included, without the semicolon. */
  readonly text: string
  /** Where it begins in the file, from 1. */
  readonly line: number
}

const wordStart = /[A-Za-z_\u0080-\uffff]/
const word = /[A-Za-z0-9_$\u0080-\uffff]*/y
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y

/** The statements of `sql` in order; nothing for an empty one or one of comments alone. */
export const splitStatements = (sql: string): ReadonlyArray<Statement> => {
  const statements: Array<Statement> = []
  let begin = -1
  let words: Array<string> = []
  let parens = 0
  let blocks = 0

  const close = (end: number) => {
    if (begin >= 0) statements.push({ text: sql.slice(begin, end).trimEnd(), line: lineAt(sql, begin) })
    begin = -1
    words = []
    parens = 0
    blocks = 0
  }

  let at = 0
  while (at < sql.length) {
    const char = sql[at]!
    const comment = commentEnd(sql, at)
    if (comment !== undefined) {
      at = comment
      continue
    }
    if (char === ";" && parens === 0 && blocks === 0) {
      close(at)
      at++
      continue
    }
    if (begin < 0 && !/\s/.test(char)) begin = at
    if (char === "'" || char === '"') at = quoteEnd(sql, at, char, false)
    else if (char === "$") at = dollarEnd(sql, at)
    else if (wordStart.test(char)) {
      word.lastIndex = at
      const found = word.exec(sql)![0]
      at += found.length
      if (found.toLowerCase() === "e" && sql[at] === "'") at = quoteEnd(sql, at, "'", true)
      else {
        if (words.length < 4) words.push(found.toLowerCase())
        blocks = blockDepth(blocks, found.toLowerCase(), words)
      }
    } else {
      if (char === "(") parens++
      if (char === ")" && parens > 0) parens--
      at++
    }
  }
  close(sql.length)
  return statements
}

/** `create [or replace] function|procedure` is the only statement whose body may be bare SQL with semicolons. */
const blockDepth = (depth: number, found: string, words: ReadonlyArray<string>): number => {
  const subject = words[1] === "or" ? words[3] : words[1]
  if (words[0] !== "create" || (subject !== "function" && subject !== "procedure")) return 0
  if (found === "begin" || (found === "case" && depth > 0)) return depth + 1
  return found === "end" && depth > 0 ? depth - 1 : depth
}

const commentEnd = (sql: string, at: number): number | undefined => {
  if (sql.startsWith("--", at)) {
    const newline = sql.indexOf("\n", at)
    return newline < 0 ? sql.length : newline
  }
  if (!sql.startsWith("/*", at)) return undefined
  let depth = 0
  for (let i = at; i < sql.length; i++) {
    if (sql.startsWith("/*", i)) {
      depth++
      i++
    } else if (sql.startsWith("*/", i)) {
      i++
      if (--depth === 0) return i + 1
    }
  }
  return sql.length
}

const quoteEnd = (sql: string, at: number, quote: string, backslash: boolean): number => {
  for (let i = at + 1; i < sql.length; i++) {
    if (backslash && sql[i] === "\\") i++
    else if (sql[i] === quote) {
      // A doubled quote stands for itself.
      if (sql[i + 1] !== quote) return i + 1
      i++
    }
  }
  return sql.length
}

const dollarEnd = (sql: string, at: number): number => {
  dollarTag.lastIndex = at
  const tag = dollarTag.exec(sql)?.[0]
  if (tag === undefined) return at + 1
  const end = sql.indexOf(tag, at + tag.length)
  return end < 0 ? sql.length : end + tag.length
}

const lineAt = (sql: string, at: number): number => {
  let line = 1
  for (let i = sql.indexOf("\n"); i >= 0 && i < at; i = sql.indexOf("\n", i + 1)) line++
  return line
}
