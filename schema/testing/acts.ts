/**
 * Every function that the portal may call, with a call that works: what it needs, who may call it, and that it is said to the
 * audit. rules/acts.db.test.ts holds the list against the database, so that a function that is new and in no line fails.
 */
import type { Act, Look } from "./acts/Act.ts"
import { auditActs } from "./acts/audit.ts"
import { campaignActs, campaignLooks } from "./acts/campaigns.ts"
import { memberActs, memberLooks } from "./acts/members.ts"
import { passkeyActs, passkeyLooks } from "./acts/passkeys.ts"
import { senderActs, senderLooks } from "./acts/senders.ts"
import { sessionActs, sessionLooks } from "./acts/sessions.ts"

export const acts: Record<string, Act> = {
  ...auditActs,
  ...campaignActs,
  ...senderActs,
  ...memberActs,
  ...passkeyActs,
  ...sessionActs
}

/** Those that only look, and show nothing to nobody: rows are hidden by policy, objects do not exist. */
export const looks: Record<string, Look> = {
  ...campaignLooks,
  ...senderLooks,
  ...memberLooks,
  ...passkeyLooks,
  ...sessionLooks
}

/** Words, and what identity is made of: no row of anybody comes out of them. */
export const harmless: ReadonlyArray<string> = [
  ...[
    "act",
    "acting",
    "acting_person",
    "acting_workspace",
    "visible_workspaces",
    "may_view_audit",
    "may_manage_workspace"
  ],
  ...[
    "masked",
    "multirange_size",
    "outcome_word",
    "too_late",
    "sending_ends",
    "unclaimed_outcome",
    "make_month",
    "window_days"
  ]
]

/** Called with a session's token in place of an identity: see rules/sessions.db.test.ts. */
export const byToken: ReadonlyArray<string> = ["renew_session", "sign_out"]
