/** deploy/metrics.md: every metric of the registry as it describes itself, in a table for whoever makes a dashboard or an alert. */
import type { Registry } from "prom-client"
import { described } from "./Metrics.ts"
import type { Described, Label } from "./metricTypes.ts"

/** What prom-client keeps of a metric, its own ones too; its types leave it out. */
interface Kept {
  readonly name: string
  readonly help: string
  readonly type: "counter" | "gauge" | "histogram"
  readonly labelNames: ReadonlyArray<string>
}

export const metricsIn = (registry: Registry): ReadonlyArray<Kept> =>
  registry.getMetricsAsArray() as unknown as ReadonlyArray<Kept>

export const ours: ReadonlyMap<string, Described> = new Map(Object.values(described).map((d: Described) => [d.name, d]))

const HEAD = "| metric | kind | labels | what it tells |\n|---|---|---|---|"

export const describeMetrics = (registry: Registry): string => {
  const all = metricsIn(registry)
  const table = (of: ReadonlyArray<Kept>) => `${HEAD}\n${of.map(line).join("\n")}\n`
  return `# What an engine tells Prometheus

Made by \`npx vitest run engine/watching -u\` from engine/watching/Metrics.ts, and checked against a running engine: each of ours has
moved there. A label's value is a channel's name or one of those written here: no number, no campaign, no text is ever in one.

${table(all.filter(({ name }) => ours.has(name)))}
Of the process, as all programs on Node call them (prom-client):

${table(all.filter(({ name }) => !ours.has(name)))}`
}

const line = ({ help, labelNames, name, type }: Kept): string => {
  const labels = ours.get(name)?.labels
  const written = labelNames.map((label) => (labels === undefined ? label : valuesOf(label, labels[label]!)))
  return `| \`${name}\` | ${type} | ${written.join("; ")} | ${help} |`
}

const valuesOf = (label: string, values: Label): string =>
  values === "channels" || label === "version" ? label : `${label}: ${values.join(", ")}`
