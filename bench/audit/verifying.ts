/** The verifier as `npm run audit:verify` runs it; at its end the most memory it held, in MB of 2^20 bytes, goes to descriptor 3. */
import { writeSync } from "node:fs"

process.on("exit", () => writeSync(3, `${process.resourceUsage().maxRSS / 1024}`))
await import("#schema/commands/verifyAudit.ts")
