/** What the page of an audience shows. */
import type { Upload } from "#portal/upload/Upload.ts"
import type { Here } from "#portal/visit.ts"
import type { AudienceView } from "#schema/audience/AudienceView.ts"
import type { Draft } from "#schema/campaign/Draft.ts"

export interface Shown {
  readonly campaignId: number
  readonly view: AudienceView
  /** For who may go on with it. */
  readonly draft: Draft | undefined
  readonly upload: Upload | undefined
  readonly refused?: string | undefined
}

export const pathOf = (here: Here, campaignId: number) => `/w/${here.workspace.id}/campaigns/${campaignId}/audience`

/** The campaign's own lane is one; what another program made of several is shown as one. */
export const recipientsOf = (view: AudienceView): number => view.lanes.reduce((all, lane) => all + lane.recipients, 0)

/** All that was loaded stands, and somebody is in it. */
export const isFinished = (view: AudienceView): boolean =>
  recipientsOf(view) > 0 && view.lanes.every((lane) => lane.sealed)
