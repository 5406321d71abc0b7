/**
 * A search in words, as a regular expression of Postgres that finds them in capitals or not. Each letter is given in all its cases,
 * because a database may know only those of ASCII: it was made with the locale C, and people here write Cyrillic.
 */

/** Every character stands for itself, also those that mean something in an expression. */
export const insensitive = (words: string): string =>
  Array.from(words, (character) => {
    if (!/\p{L}/u.test(character)) return character.replace(/[!-/:-@[-`{-~]/, "\\$&")
    // ß is SS in capitals: two characters, which brackets can't hold
    const cases = [character, character.toLowerCase(), character.toUpperCase()].filter((one) => [...one].length === 1)
    return `[${[...new Set(cases)].join("")}]`
  }).join("")
