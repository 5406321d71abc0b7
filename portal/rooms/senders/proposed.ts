/** What somebody typed into a form for a sender name, and what it proposes. */
import type { Typed } from "#portal/form.ts"
import type { Proposal } from "#schema/sender/Revisions.ts"

/** As it was typed; "": the usual. */
export interface Proposed {
  readonly label: string
  readonly saddr: string
  readonly reason: string
  readonly source_addr_ton: string
  readonly source_addr_npi: string
  readonly dest_addr_ton: string
  readonly dest_addr_npi: string
}

export const ADDRESSING = ["source_addr_ton", "source_addr_npi", "dest_addr_ton", "dest_addr_npi"] as const

export const NOTHING: Proposed = {
  ...{ label: "", saddr: "", reason: "" },
  ...{ source_addr_ton: "", source_addr_npi: "", dest_addr_ton: "", dest_addr_npi: "" }
}

export const proposedIn = (typed: Typed): Proposed => ({
  label: typed("label").trim(),
  saddr: typed("saddr"),
  reason: typed("reason").trim(),
  source_addr_ton: typed("source_addr_ton").trim(),
  source_addr_npi: typed("source_addr_npi").trim(),
  dest_addr_ton: typed("dest_addr_ton").trim(),
  dest_addr_npi: typed("dest_addr_npi").trim()
})

/** What is no number is none that there is, and refused as that. */
export const proposalOf = ({ reason, saddr, ...rest }: Proposed): Proposal => ({
  saddr,
  reason,
  ...Object.fromEntries(
    ADDRESSING.flatMap((field) =>
      rest[field] === "" ? [] : [[field, /^\d{1,3}$/.test(rest[field]) ? Number(rest[field]) : -1]]
    )
  )
})
