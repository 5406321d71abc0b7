/**
 * What surrounds a phone number in real files, and never belongs to it: invisible marks of a phone's contact list, an
 * apostrophe that told a spreadsheet "this is text", digits of other scripts.
 */

/** Decimal digits of every script as 0-9; the rest of the text stays. */
export const asciiDigits = (text: string): string =>
  text.replace(/\p{Nd}/gu, (digit) => {
    const point = digit.codePointAt(0)!
    // Unicode keeps the ten digits of a script together, 0 to 9 (chapter 4.6): how many before this one?
    let first = point
    while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--
    return String((point - first) % 10)
  })

/** `raw` without invisible marks, surrounding blanks, a leading apostrophe or `tel:`; digits in ASCII. */
export const tidy = (raw: string): string =>
  asciiDigits(raw.replace(/\p{Cf}/gu, ""))
    .trim()
    .replace(/^'/, "")
    .replace(/^(?:tel|sms):/i, "")
    .replace(/^\uff0b/, "+")
    // (+44) 7700: the library wants the plus first.
    .replace(/^([(\s]+)\+/, "+$1")

/** 4.47701E+11, or 447700900123.0: what a spreadsheet or a data frame makes of a number. */
export const isSpreadsheetNumber = (text: string): boolean =>
  /^[+-]?\d+(?:[.,]\d+)?e[+-]?\d+$/i.test(text) || /^\+?\d{6,}\.0{1,2}$/.test(text)
