/** Acts on the audit itself. */
import { Effect } from "effect"
import { type Act, revealers } from "./Act.ts"

export const auditActs: Record<string, Act> = {
  // not an author: only all of it can be taken
  export_audit: { call: () => Effect.succeed("SELECT export_audit()"), who: revealers, audits: 1 }
}
