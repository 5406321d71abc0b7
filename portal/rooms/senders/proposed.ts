/** What somebody typed into a form for a sender name, and what it proposes. */
import type { Typed } from "#portal/form.ts"
import type { Address, Proposal } from "#schema/sender/Revisions.ts"

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

/** A change begins with what is in force: what isn't touched stays. The usual is left out, since another name may have another. */
export const proposedFrom = (now: Address): Proposed => {
  const usual = usualOf(now.saddr)
  const said = ADDRESSING.flatMap((field) => (now[field] === usual[field] ? [] : [[field, `${now[field]}`]]))
  return { ...NOTHING, saddr: now.saddr, ...Object.fromEntries(said) }
}

/** As `address_of` in rules/senders.sql. */
const usualOf = (saddr: string) => {
  const isNumber = /^[0-9]+$/.test(saddr)
  const source = isNumber ? { source_addr_ton: 1, source_addr_npi: 1 } : { source_addr_ton: 5, source_addr_npi: 0 }
  return { ...source, dest_addr_ton: 1, dest_addr_npi: 1 }
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
