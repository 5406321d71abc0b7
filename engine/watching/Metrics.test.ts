/** Every metric of a running engine's registry, whoever added it: named as Prometheus asks, and written down in deploy/metrics.md. */
import { assert, describe, expect, it } from "@effect/vitest"
import { describeMetrics, metricsIn, ours } from "./describeMetrics.ts"
import { Health } from "./Health.ts"
import { metricsOf, withProcess } from "./Metrics.ts"
import { Watching } from "./Watched.ts"

const registry = (() => {
  const watching = new Watching()
  return withProcess(metricsOf(watching, new Health(watching), () => 0))
})()

/** What a name ends in: base units (prometheus.io, "Metric and label naming"), or what is counted; or it is a yes or no. */
const GAUGES = /_(seconds|bytes|info|binds|messages|recipients|rows|campaigns|messages_per_second|served|ready)$/

describe("the metrics", () => {
  it("are documented in deploy/metrics.md as they describe themselves (if not: npx vitest run engine/watching -u)", () =>
    expect(describeMetrics(registry)).toMatchFileSnapshot("../../deploy/metrics.md"))

  it("say what they tell, in a sentence", () => {
    for (const { help, name } of metricsIn(registry)) {
      assert.isAbove(help.length, 10, name)
      if (ours.has(name)) assert.match(help, /^[A-Z0-9].*\.$/, name)
    }
  })

  it("have legal names, ours with our prefix, their unit and nothing of the process's", () => {
    for (const { name, type } of metricsIn(registry)) {
      assert.match(name, /^[a-z][a-z0-9_]*$/)
      if (!ours.has(name)) {
        assert.match(name, /^(process|nodejs)_/)
        continue
      }
      assert.match(name, /^countersign_/)
      if (type === "counter") assert.match(name, /_total$/)
      else if (type === "histogram") assert.match(name, /_seconds$/)
      else assert.match(name, GAUGES)
    }
  })

  it("are all there that are described, with the labels that are", () => {
    const labels = new Map(metricsIn(registry).map(({ labelNames, name }) => [name, labelNames]))
    for (const [name, described] of ours) assert.deepStrictEqual(labels.get(name), Object.keys(described.labels), name)
  })

  it("are of one engine: another's has its own", async () => {
    const [one, other] = [new Watching(), new Watching()]
    one.readCampaigns([{ state: "sending" }])
    const of = (watching: Watching) => metricsOf(watching, new Health(watching), () => 0).metrics()
    assert.match(await of(one), /^countersign_live_campaigns\{state="sending"\} 1$/m)
    assert.match(await of(other), /^countersign_live_campaigns\{state="sending"\} 0$/m)
  })

  it("show a channel whose name has quotes and new lines in it as one line", async () => {
    const watching = new Watching()
    watching.channel({ id: 1, name: 'Ope"ra\\tor\n2', per_second: null, bind_mode: "transceiver", binds: 3 })
    const text = await metricsOf(watching, new Health(watching), () => 0).metrics()
    assert.include(text, 'countersign_channel_configured_binds{channel="Ope\\"ra\\\\tor\\n2"} 3\n')
    assert.include(text, 'countersign_channel_claim_seconds_bucket{channel="Ope\\"ra\\\\tor\\n2",le="+Inf"} 0\n')
  })
})
