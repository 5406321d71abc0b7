/** A whole sentence of the catalog, "{who} approved {what}", with what stands in it put where the language wants it. */
import type { Child } from "hono/jsx"

/** A part that the sentence names and nobody gives is left out. */
export const Sentence = ({ parts, words }: { words: string; parts: Readonly<Record<string, Child>> }) => (
  <>{words.split(/\{(\w+)\}/).map((piece, i) => (i % 2 === 0 ? piece : parts[piece]))}</>
)

/** A name in a sentence: of its own direction, and told apart from the words. */
export const Name = ({ children }: { children: Child }) => <bdi class="font-medium">{children}</bdi>
