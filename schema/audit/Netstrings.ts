/**
 * The bytes that everything of the audit is hashed over: netstrings, as rules/fingerprint.sql writes them. No two lists of fields
 * give the same text.
 */

/** A field is its length in bytes of UTF-8, a colon, itself and a comma (`5:hello,`); null is `-,`. */
export const netstrings = (...fields: ReadonlyArray<string | number | null>): string => {
  let text = ""
  for (const field of fields) {
    if (field === null) text += "-,"
    else if (typeof field === "number") {
      const digits = `${field}`
      text += `${digits.length}:${digits},`
    } else text += `${Buffer.byteLength(field)}:${field},`
  }
  return text
}
