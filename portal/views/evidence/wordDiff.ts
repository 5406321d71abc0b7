/**
 * What one text changes against another, word by word: runs of what stayed, went and came, in the order of reading. Blanks belong to the
 * word before them, so that joining what stayed and came gives the new text, and what stayed and went the old one. Pure.
 */

export interface Piece {
  readonly kind: "same" | "gone" | "new"
  readonly text: string
}

/** Cells of the table at most: beyond it the middle of the texts, which has little in common, is shown as replaced. */
const MOST_CELLS = 4_000_000

const wordsOf = (text: string): ReadonlyArray<string> => text.match(/\S+\s*|\s+/g) ?? []

export const wordDiff = (before: string, after: string): ReadonlyArray<Piece> => {
  const a = wordsOf(before)
  const b = wordsOf(after)
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const gone = a.slice(head, a.length - tail)
  const came = b.slice(head, b.length - tail)
  return joined([
    ...a.slice(0, head).map((text): Piece => ({ kind: "same", text })),
    ...between(gone, came),
    ...a.slice(a.length - tail).map((text): Piece => ({ kind: "same", text }))
  ])
}

/** By the longest common subsequence: common[i][j] is its length for a from i and b from j. */
const between = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): ReadonlyArray<Piece> => {
  const replaced = [
    ...a.map((text): Piece => ({ kind: "gone", text })),
    ...b.map((text): Piece => ({ kind: "new", text }))
  ]
  const width = b.length + 1
  if (a.length === 0 || b.length === 0 || (a.length + 1) * width > MOST_CELLS) return replaced
  const common = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] =
        a[i] === b[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!)
  const pieces: Array<Piece> = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      pieces.push({ kind: "same", text: a[i]! })
      i++
      j++
    } else if (i < a.length && (j === b.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!))
      pieces.push({ kind: "gone", text: a[i++]! })
    else pieces.push({ kind: "new", text: b[j++]! })
  }
  return pieces
}

/** Neighbours of one kind are one piece. */
const joined = (pieces: ReadonlyArray<Piece>): ReadonlyArray<Piece> => {
  const runs: Array<{ kind: Piece["kind"]; text: string }> = []
  for (const { kind, text } of pieces) {
    const last = runs.at(-1)
    if (last?.kind === kind) last.text += text
    else runs.push({ kind, text })
  }
  return runs
}
