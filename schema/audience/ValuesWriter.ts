/**
 * Gathers the values of a text's placeholders, column by column, into what `load_audience` stores beside each run of numbers:
 * a JSON object of arrays. In step with `RunWriter`, whose runs are as long.
 */
import { columnKey } from "../text/Placeholders.ts"
import { RUN } from "./RunWriter.ts"

export class ValuesWriter {
  private keys: ReadonlyArray<string> = []
  private columns: Array<Array<string>> = []
  private filled = 0
  private runs: Array<string> = []

  /** The columns that are kept, before the first value comes. */
  begin(names: ReadonlyArray<string>): void {
    this.keys = names.map(columnKey)
    this.columns = names.map(() => [])
  }

  /** The values of rows [from, to), by column. */
  add(values: ReadonlyArray<ReadonlyArray<string>>, from: number, to: number): void {
    for (let at = from; at < to; ) {
      const until = Math.min(to, at + RUN - this.filled)
      for (let column = 0; column < this.columns.length; column++) {
        const into = this.columns[column]!
        const source = values[column]!
        for (let row = at; row < until; row++) into.push(source[row]!)
      }
      this.filled += until - at
      at = until
      if (this.filled === RUN) this.close()
    }
  }

  /** A JSON object for each run since it was last asked; `undefined` where no column is kept. */
  take(): ReadonlyArray<string> | undefined {
    if (this.filled > 0) this.close()
    const { runs } = this
    this.runs = []
    return runs.length === 0 ? undefined : runs
  }

  private close(): void {
    // not by assignment: a column may be called __proto__
    this.runs.push(JSON.stringify(Object.fromEntries(this.keys.map((key, column) => [key, this.columns[column]]))))
    this.columns = this.keys.map(() => [])
    this.filled = 0
  }
}
