import { NodeRuntime } from "@effect/platform-node"
import { Effect, Redacted } from "effect"
import { layer, SqlClient } from "../../schema/Database.ts"
import { fillCampaign, fillPeople } from "./fill.ts"
const n = 100
Effect.gen(function* () {
  yield* fillPeople
  for (let i = 0; i < n; i++) yield* fillCampaign({ recipients: 100_000, monthsAgo: Math.floor((n - 1 - i) / 9), receiptsPercent: i === n - 1 ? 60 : 100 })
  yield* fillCampaign({ recipients: 1_000_000, monthsAgo: 0, receiptsPercent: 60 })
  yield* (yield* SqlClient)`VACUUM ANALYZE`
}).pipe(Effect.provide(layer(Redacted.make(process.argv[2]!), { applicationName: "fill", maxConnections: 1 })), NodeRuntime.runMain())
