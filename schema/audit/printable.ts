/** Text of somebody else's in a line of ours: what would break the line, or show it otherwise than it is written, is spelled out. */

/** Control characters (line ends, a terminal's commands), line and paragraph separators, marks that turn the direction of writing. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** `\u000a` for a line end. */
export const printable = (text: string): string =>
  text.replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
