/** All senders of a workspace: those in use first, then the archive. */
import { Empty } from "#portal/views/Empty.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import type { Here } from "#portal/visit.ts"
import type { Sender } from "#schema/sender/Senders.ts"

export const mayManage = ({ workspace }: Here): boolean =>
  workspace.role === "admin" || workspace.role === "super_admin"

export const SendersPage = ({ here, senders }: { here: Here; senders: ReadonlyArray<Sender> }) => {
  const words = here.words.senders
  const path = `/w/${here.workspace.id}/senders`
  return (
    <Frame here={here} title={words.title} place="senders">
      <Heading title={words.title}>
        {mayManage(here) && (
          <a class="btn" href={`${path}/new`}>
            {words.new}
          </a>
        )}
      </Heading>
      {senders.length === 0 ? (
        <Empty title={words.none} help={words.noneHelp}>
          {!mayManage(here) && <p>{words.askAdmin}</p>}
        </Empty>
      ) : (
        <div class="overflow-x-auto">
          <table class="table w-full">
            <thead>
              <tr>
                <th scope="col">{words.label}</th>
                <th scope="col">{words.saddr}</th>
                <th scope="col">{words.status}</th>
                <th scope="col">{words.waiting}</th>
              </tr>
            </thead>
            <tbody>
              {senders.map((one) => (
                <tr>
                  <td class="max-w-80 truncate">
                    <a href={`${path}/${one.id}`} class="font-medium underline-offset-4 hover:underline">
                      <bdi>{one.label}</bdi>
                    </a>
                  </td>
                  <td>
                    <bdi>{one.saddr ?? "—"}</bdi>
                  </td>
                  <td>
                    <Status here={here} sender={one} />
                  </td>
                  <td>{one.pending > 0 ? words.pending(one.pending) : "—"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Frame>
  )
}

const GREY = "text-zinc-600 dark:text-zinc-400"

export const Status = ({ here, sender }: { here: Here; sender: Sender }) => {
  const words = here.words.senders
  const [shape, said, classes] = sender.revoked
    ? ["■", words.revoked, "text-red-800 dark:text-red-300"]
    : sender.archived_at !== null
      ? ["—", words.archived, GREY]
      : sender.saddr === null
        ? ["◐", words.notYet, "text-amber-800 dark:text-amber-300"]
        : ["✓", words.inUse, "text-green-800 dark:text-green-300"]
  return (
    <span class="inline-flex flex-wrap items-center gap-x-1.5">
      <span class={`inline-flex items-center gap-1.5 whitespace-nowrap ${classes}`}>
        <span aria-hidden="true">{shape}</span>
        {said}
      </span>
      {sender.preset && <span class={GREY}>· {words.preset}</span>}
    </span>
  )
}
