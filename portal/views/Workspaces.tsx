/**
 * In whose name one acts, the first thing on every page, on the workspace's own colour; and where else one may go: the other workspaces,
 * and for super admins all of them, in Master.
 */
import type { Here, Person } from "#portal/visit.ts"

export const Workspaces = ({ here, isMaster }: { here: Person | Here; isMaster: boolean }) => {
  const { frame } = here.words
  const now = "workspace" in here ? here.workspace : undefined
  const others = here.workspaces.filter((one) => one.id !== now?.id)
  const name = now === undefined ? isMaster ? frame.master : frame.choose : <bdi>{now.name}</bdi>
  const band = now === undefined ? (isMaster ? "band band-master" : "bg-muted") : `band band-${now.colour}`
  // one's name is cut off where it is long, and whole on hover
  const title = now?.name
  if (others.length === 0 && !here.me.super_admin)
    return (
      <p class={`min-w-0 truncate rounded-md px-3 py-2 font-semibold ${band}`} title={title}>
        {name}
      </p>
    )
  return (
    <details class="relative min-w-0">
      <summary
        class={`flex cursor-pointer items-center justify-between gap-2 rounded-md px-3 py-2 font-semibold ${band}`}
        title={title}
      >
        <span class="min-w-0 truncate">{name}</span>
        <span aria-hidden="true">▾</span>
      </summary>
      <ul class="absolute z-20 mt-1 max-h-96 w-full min-w-56 overflow-y-auto rounded-md border bg-background p-1 shadow-md">
        {others.map((one) => (
          <li>
            <a href={`/w/${one.id}`} class="flex items-center gap-2 rounded-md px-3 py-1.5 hover:bg-muted">
              <span aria-hidden="true" class={`size-3 shrink-0 rounded-full band band-${one.colour}`} />
              <bdi class="min-w-0">{one.name}</bdi>
            </a>
          </li>
        ))}
        {here.me.super_admin && (
          <>
            <li class="mt-1 border-t pt-1">
              <a href="/master" class="block rounded-md px-3 py-1.5 hover:bg-muted">
                {frame.master}
              </a>
            </li>
            <li>
              <a href="/master/archive" class="block rounded-md px-3 py-1.5 hover:bg-muted">
                {frame.archive}
              </a>
            </li>
          </>
        )}
      </ul>
    </details>
  )
}
