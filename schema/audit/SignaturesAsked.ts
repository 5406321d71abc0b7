/**
 * Whether the workspace asked for signed approvals, as far as its chain tells: its own rows about its settings say it from then on,
 * until another says otherwise. Of a chain whose beginning is not here, nothing is known before the first such row that is.
 *
 * A row is chained when its transaction ends, and an approval reads the setting when its own begins to be decided: one that was
 * under way as the setting changed stands after it, true and unsigned (and never counts, rules/four_eyes.sql). So a minute is
 * left for those: until any row after the change is of a later time.
 */
import type { AuditRow } from "./AuditRow.ts"
import { factsOf, recordIn } from "./Facts.ts"

/** Microseconds: far more than deciding takes. */
const UNDER_WAY = 60_000_000

export class SignaturesAsked {
  private since: { readonly seq: number; readonly until: number } | undefined
  private isOver = false

  /** Rows in their order. */
  hear(row: AuditRow): void {
    if (this.since !== undefined && !this.isOver) this.isOver = Number(row.at_us) > this.since.until
    if (row.action !== "workspace.settings" && row.action !== "workspace.create") return
    // the installation's chain tells of other workspaces than its own
    if (row.object !== "workspace" || row.object_id !== row.workspace_id) return
    const asked = recordIn(factsOf(row), "after")?.require_signed_approvals
    if (typeof asked !== "boolean" || asked === (this.since !== undefined)) return
    this.since = asked ? { seq: row.seq, until: Number(row.at_us) + UNDER_WAY } : undefined
    this.isOver = false
  }

  /** The row that asked for signatures on every approval which comes now; undefined where none did. */
  get inForce(): number | undefined {
    return this.isOver ? this.since?.seq : undefined
  }
}
