/** To whom a draft goes: its file is uploaded here, and once it has been read, what was in it. */
import { Steps } from "#portal/rooms/wizard/Steps.tsx"
import type { Upload } from "#portal/upload/Upload.ts"
import { MOST_OCTETS } from "#portal/upload/Uploads.ts"
import { Empty } from "#portal/views/Empty.tsx"
import { Field, Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import { State } from "#portal/views/State.tsx"
import type { Here } from "#portal/visit.ts"
import { AudienceFileError } from "#schema/audience/AudienceFile.ts"
import { Loaded, Next, Rejected } from "./Loaded.tsx"
import { isFinished, pathOf, recipientsOf, type Shown } from "./shown.ts"
import { UploadState } from "./UploadState.tsx"

export const AudiencePage = ({ here, shown }: { here: Here; shown: Shown }) => {
  const words = here.words.audience
  const { campaignId, draft, refused, upload, view } = shown
  const path = pathOf(here, campaignId)
  return (
    <Frame here={here} title={`${words.title} · ${view.name}`} place="campaigns">
      {draft === undefined ? (
        <Heading
          title={words.title}
          up={{ href: `/w/${here.workspace.id}/campaigns/${campaignId}`, label: view.name }}
          aside={<State state={view.state} words={here.words} />}
        />
      ) : (
        <>
          <Heading
            title={view.name}
            up={{ href: `/w/${here.workspace.id}/campaigns`, label: here.words.campaigns.title }}
          />
          <Steps here={here} draft={draft} is="audience" />
        </>
      )}
      <div class="grid max-w-[60rem] grid-cols-1 gap-4">
        <Refusal said={refused} />
        {view.mode === "trigger" && recipientsOf(view) === 0 ? (
          <Empty title={words.fed} help={words.fedHelp}>
            <Next here={here} shown={shown} />
          </Empty>
        ) : isFinished(view) ? (
          <Loaded here={here} shown={shown} path={path} />
        ) : (
          <>
            <UploadState here={here} path={path} upload={upload} broken={recipientsOf(view)} />
            <p data-upload-said role="status" class="font-semibold" hidden />
            {view.may_edit ? (
              <Choose here={here} shown={shown} path={path} />
            ) : (
              upload === undefined && <Empty title={words.none} help={words.noneHelp} />
            )}
            <Rejected here={here} shown={shown} path={path} />
          </>
        )}
      </div>
    </Frame>
  )
}

/** With a script it is sent in pieces (scripts/upload.js), else as one form. The column comes first: a form is read as it arrives. */
const Choose = ({ here, path, shown: { upload } }: { here: Here; path: string; shown: Shown }) => {
  const words = here.words.audience
  const said = {
    "data-upload": path,
    "data-most": MOST_OCTETS,
    "data-too-large": words.tooLarge,
    "data-lost": words.lost,
    "data-signed-out": words.signedOut
  }
  const isTheirs = upload !== undefined && upload.state !== "failed" && upload.by.id !== here.me.id
  if (isTheirs) return null
  const isUnderWay = upload !== undefined && upload.state !== "failed"
  return (
    <form
      id="choose"
      method="post"
      action={path}
      enctype="multipart/form-data"
      class="grid max-w-prose gap-4 rounded-md border p-4"
      {...said}
    >
      <ColumnField here={here} upload={upload} />
      <Field name="file" label={words.file} help={isUnderWay ? words.goOnHelp : words.fileHelp}>
        <input
          id="file"
          name="file"
          type="file"
          class="input"
          accept=".txt,.csv,.tsv,text/plain,text/csv"
          required
          aria-describedby="file-help"
        />
      </Field>
      <p>
        <button type="submit" class="btn">
          {words.upload}
        </button>
      </p>
    </form>
  )
}

/** Asked for where the file's own columns are known, else out of the way. swapped: beside what failed, when that is shown without its page. */
export const ColumnField = ({
  here,
  swapped = false,
  upload
}: {
  here: Here
  upload: Upload | undefined
  swapped?: boolean
}) => {
  const words = here.words.audience
  const problem = upload?.problem
  const isAsked =
    problem instanceof AudienceFileError && (problem.reason === "which column" || problem.reason === "no such column")
  const names = isAsked ? (problem.columns ?? []) : []
  const likely = isAsked ? problem.likely : undefined
  const typed = upload?.file.column ?? ""
  return (
    <div id="which-column" {...(swapped && { "hx-swap-oob": "true" })}>
      {names.length > 0 ? (
        <Field name="column" label={words.column}>
          <select id="column" name="column" class="select w-full">
            {names.map((name) => (
              <option value={name} selected={name === likely}>
                {name}
              </option>
            ))}
          </select>
        </Field>
      ) : (
        <details open={typed !== ""}>
          <summary class="w-fit cursor-pointer underline underline-offset-4">{words.otherColumn}…</summary>
          <div class="pt-3">
            <Field name="column" label={words.column} help={words.columnHelp}>
              <input
                id="column"
                name="column"
                class="input"
                maxlength={200}
                value={typed}
                aria-describedby="column-help"
              />
            </Field>
          </div>
        </details>
      )}
    </div>
  )
}
