/** Asking to join a workspace, and what came of it. Which there are is told to nobody: one knows the name. */
import { Part } from "#portal/views/evidence/Facts.tsx"
import { describedBy, Field } from "#portal/views/Field.tsx"
import { Name, Sentence } from "#portal/views/Sentence.tsx"
import type { Person } from "#portal/visit.ts"
import { sayMoment } from "#portal/words/times.ts"
import type { MyJoinRequest } from "#schema/people/JoinRequests.ts"

/** As it was sent, where it was refused. */
export interface AskedToJoin {
  readonly workspace: string
  readonly note: string
}

interface Props {
  readonly who: Person
  readonly requests: ReadonlyArray<MyJoinRequest>
  readonly typed?: AskedToJoin | undefined
}

export const Joining = ({ requests, typed, who }: Props) => {
  const words = who.words.own
  return (
    <Part id="join" title={words.join}>
      {requests.length > 0 && (
        <ul class="grid gap-3">
          {requests.map((request) => (
            <Request who={who} request={request} />
          ))}
        </ul>
      )}
      <details open={typed !== undefined || (who.workspaces.length === 0 && requests.length === 0)}>
        <summary class="cursor-pointer underline underline-offset-4">{words.ask}</summary>
        <form method="post" action="/me/join" class="grid gap-4 pt-3">
          <Field name="join-workspace" label={words.joinWorkspace} help={words.joinWorkspaceHelp}>
            <input
              id="join-workspace"
              name="workspace"
              class="input"
              required
              maxlength={200}
              value={typed?.workspace}
              aria-describedby={describedBy("join-workspace", undefined, words.joinWorkspaceHelp)}
            />
          </Field>
          <Field name="join-note" label={words.joinNote} help={words.joinNoteHelp}>
            <textarea
              id="join-note"
              name="note"
              class="textarea"
              required
              maxlength={1000}
              aria-describedby={describedBy("join-note", undefined, words.joinNoteHelp)}
            >
              {typed?.note}
            </textarea>
          </Field>
          <div>
            <button type="submit" class="btn-outline">
              {words.joinAsk}
            </button>
          </div>
        </form>
      </details>
    </Part>
  )
}

const Request = ({ request, who }: { who: Person; request: MyJoinRequest }) => {
  const words = who.words.own
  const { accepted, created_at, note, workspace } = request
  const { exact, short } = sayMoment(created_at, who.now, who.words.locale, who.zone ?? "UTC")
  const when = (
    <time datetime={created_at.toISOString()} title={exact} class="whitespace-nowrap">
      {short}
    </time>
  )
  return (
    <li class="grid gap-1 border-b pb-3">
      <p>
        <Name>{workspace}</Name> · {accepted === null ? words.joinWaits : accepted ? words.joinYes : words.joinNo}
      </p>
      <p class="text-sm text-muted-foreground">
        <Sentence words={words.joinAsked} parts={{ when }} />: <bdi class="break-words">{note}</bdi>
      </p>
    </li>
  )
}
