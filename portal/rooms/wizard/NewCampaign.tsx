/** Where a campaign begins, for those who may write one. */
import type { Here } from "#portal/visit.ts"

export const NewCampaign = ({ here }: { here: Here }) =>
  here.workspace.role === "moderator" ? null : (
    <a class="btn" href={`/w/${here.workspace.id}/campaigns/new`}>
      {here.words.wizard.new}
    </a>
  )
