/** What somebody is in a workspace, in one word: a role, or an author's with the moderator flag; shown, and chosen. */
import type { Here } from "#portal/visit.ts"
import type { Role } from "#schema/people/Members.ts"

export const STANDINGS = ["author", "flagged", "moderator", "admin"] as const
export type Standing = (typeof STANDINGS)[number]

export interface Placed {
  readonly role: Role
  readonly moderator: boolean
}

export const standingOf = ({ moderator, role }: Placed): Standing => (role === "author" && moderator ? "flagged" : role)

/** What can't be one is handed on as it is, for the database to refuse. */
export const placedBy = (typed: string): Placed =>
  typed === "flagged" ? { role: "author", moderator: true } : { role: typed as Role, moderator: false }

export const mayManage = ({ workspace }: Here): boolean =>
  workspace.role === "admin" || workspace.role === "super_admin"

/** Four radio buttons, with what each comes to. name: also of the field. id: where there are several on a page. */
export const StandingChoice = ({
  chosen,
  here,
  id = "standing",
  isNamed = false,
  legend
}: {
  here: Here
  legend: string
  chosen: Standing | undefined
  id?: string
  /** The heading above says what it is. */
  isNamed?: boolean
}) => {
  const words = here.words.members
  return (
    <fieldset class="grid gap-3">
      <legend class={isNamed ? "sr-only" : "label pb-1.5"}>{legend}</legend>
      {STANDINGS.map((one) => (
        <label class="flex items-start gap-3">
          <input
            type="radio"
            name="standing"
            value={one}
            class="radio mt-1"
            required
            checked={one === chosen}
            aria-describedby={`${id}-${one}`}
          />
          <span>
            {words.standings[one]}
            <span id={`${id}-${one}`} class="block text-sm text-muted-foreground">
              {words.standingsHelp[one]}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
