/**
 * prom-client's metrics, read at scrape time: each asks for its values when it is collected, and nothing is kept in between. So
 * what is counted costs the hot path a plain addition, and a channel that is gone takes its series with it.
 */
import { Counter, Gauge, Histogram, type Registry } from "prom-client"
import { BOUNDS_MS, type Durations } from "./Durations.ts"

/** Values of a label: names of channels, or of a closed set. Never numbers, campaigns or texts. */
export type Label = "channels" | ReadonlyArray<string>

export interface Described {
  readonly name: string
  readonly help: string
  readonly labels: Readonly<Record<string, Label>>
}

type Labels = Readonly<Record<string, string>>

type Read<V> = () => Iterable<readonly [labels: Labels, value: V]>

const configOf = ({ help, labels, name }: Described, registry: Registry) => ({
  name,
  help,
  labelNames: Object.keys(labels),
  registers: [registry]
})

export const counter = (registry: Registry, described: Described, read: Read<number>): void => {
  new Counter({
    ...configOf(described, registry),
    collect() {
      this.reset()
      for (const [labels, value] of read()) this.inc(labels, value)
    }
  })
}

export const gauge = (registry: Registry, described: Described, read: Read<number>): void => {
  new Gauge({
    ...configOf(described, registry),
    collect() {
      this.reset()
      for (const [labels, value] of read()) this.set(labels, value)
    }
  })
}

/** In seconds, of durations that are kept in ms. */
export const histogram = (registry: Registry, described: Described, read: Read<Durations>): void => {
  new ReadHistogram(configOf(described, registry), read)
}

const BOUNDS_SECONDS = BOUNDS_MS.map((ms) => ms / 1000)

/** prom-client's own can only observe one value after the other; this one shows what was counted elsewhere. */
class ReadHistogram extends Histogram {
  private readonly described: { readonly name: string; readonly help: string }
  private readonly read: Read<Durations>

  constructor(config: ReturnType<typeof configOf>, read: Read<Durations>) {
    super({ ...config, buckets: BOUNDS_SECONDS })
    this.described = config
    this.read = read
  }

  override get() {
    return this.getForPromString()
  }

  /** What the registry asks for when it writes the text. */
  async getForPromString(): Promise<Awaited<ReturnType<Histogram["get"]>>> {
    const { help, name } = this.described
    const values = [...this.read()].flatMap(([labels, durations]) => linesOf(name, labels, durations))
    return { name, help, type: "histogram", aggregator: "sum", values } as never
  }
}

const linesOf = (name: string, labels: Labels, { counts, sumMs }: Durations) => {
  let upTo = 0
  const buckets = counts.map((count, i) => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le: BOUNDS_SECONDS[i] ?? "+Inf" },
    value: (upTo += count)
  }))
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sumMs / 1000 },
    { metricName: `${name}_count`, labels, value: upTo }
  ]
}
