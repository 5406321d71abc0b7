/** Who may soon be a member: those who ask to join, and those who are invited; for who manages the workspace. */
import { Part } from "#portal/views/evidence/Facts.tsx"
import { Sentence } from "#portal/views/Sentence.tsx"
import { When } from "#portal/views/When.tsx"
import type { Here } from "#portal/visit.ts"
import { keyOf } from "#schema/audit/AuditNames.ts"
import type { Invitation } from "#schema/people/Invitations.ts"
import type { JoinRequest } from "#schema/people/JoinRequests.ts"
import type { Seen } from "./MembersPage.tsx"
import { StandingChoice, standingOf } from "./Standing.tsx"

export const Requests = ({ here, requests }: { here: Here; requests: ReadonlyArray<JoinRequest> }) => {
  const words = here.words.members
  const path = `/w/${here.workspace.id}/members/requests`
  return (
    <Part id="requests" title={words.requests}>
      <p class="text-muted-foreground">{words.requestsHelp(requests.length)}</p>
      <ul class="grid grid-cols-1 gap-4 divide-y">
        {requests.map((one) => (
          <li class="grid grid-cols-1 gap-2 pb-4 last:pb-0">
            <h3 class="font-semibold">
              <bdi>{one.name}</bdi>{" "}
              <span class="font-normal text-muted-foreground">
                <bdi>{one.email}</bdi>
              </span>
            </h3>
            <p class="text-sm text-muted-foreground">
              <Sentence words={words.asked} parts={{ when: <When at={one.created_at} here={here} /> }} />
            </p>
            <q dir="auto" class="block break-words whitespace-pre-wrap">
              {one.note}
            </q>
            <div class="grid gap-2">
              <details>
                <summary class="w-fit cursor-pointer underline underline-offset-4">{words.accept}…</summary>
                <form method="post" action={`${path}/${one.id}/accept`} class="grid justify-items-start gap-3 pt-2">
                  <StandingChoice here={here} legend={words.acceptAs} chosen="author" id={`request-${one.id}`} />
                  <button type="submit" class="btn-outline">
                    {words.acceptNow}
                  </button>
                </form>
              </details>
              <details>
                <summary class="w-fit cursor-pointer text-destructive underline underline-offset-4">
                  {words.decline}…
                </summary>
                <form method="post" action={`${path}/${one.id}/decline`} class="grid justify-items-start gap-2 pt-2">
                  <p>{words.declineHelp}</p>
                  <button type="submit" class="btn-destructive">
                    {words.declineNow}
                  </button>
                </form>
              </details>
            </div>
          </li>
        ))}
      </ul>
    </Part>
  )
}

export const Invited = ({ here, seen: { invitations, names } }: { here: Here; seen: Seen }) => {
  const words = here.words.members
  return (
    <section aria-labelledby="invitations" class="grid grid-cols-1 gap-3">
      <h2 id="invitations" class="text-lg font-semibold">
        {words.invitations}
      </h2>
      <div class="relative overflow-x-auto">
        <table class="table w-full">
          <thead>
            <tr>
              <th scope="col">{words.email}</th>
              <th scope="col">{words.as}</th>
              <th scope="col">{words.invitedBy}</th>
              <th scope="col">{words.validUntil}</th>
              <th scope="col">
                <span class="sr-only">{words.sendAgain}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {invitations.map((one) => (
              <tr class="hover:bg-transparent">
                <td class="max-w-48 truncate sm:max-w-80">
                  <bdi>{one.email}</bdi>
                </td>
                <td class="whitespace-nowrap">{words.standings[standingOf(one)]}</td>
                <td>
                  <bdi>{names.get(keyOf("person", one.invited_by)) ?? "—"}</bdi>
                </td>
                <td>
                  {one.state === "expired" ? (
                    <span class="whitespace-nowrap text-zinc-600 dark:text-zinc-400">
                      <span aria-hidden="true">— </span>
                      {words.expired}
                    </span>
                  ) : (
                    <When at={one.expires_at} here={here} />
                  )}
                </td>
                <td>
                  <Acts here={here} one={one} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

const Acts = ({ here, one }: { here: Here; one: Invitation }) => {
  const words = here.words.members
  const path = `/w/${here.workspace.id}/members/invitations/${one.id}`
  return (
    <div class="grid min-w-32 justify-items-start gap-1">
      <form method="post" action={`${path}/send`}>
        <button type="submit" class="cursor-pointer underline underline-offset-4">
          {words.sendAgain}
          <span class="sr-only">: {one.email}</span>
        </button>
      </form>
      <details>
        <summary class="cursor-pointer text-destructive underline underline-offset-4">
          {words.takeBack}…<span class="sr-only"> {one.email}</span>
        </summary>
        <form method="post" action={`${path}/revoke`} class="grid max-w-64 justify-items-start gap-2 pt-2">
          <p class="whitespace-normal">{words.takeBackHelp}</p>
          <button type="submit" class="btn-destructive">
            {words.takeBackNow}
          </button>
        </form>
      </details>
    </div>
  )
}
