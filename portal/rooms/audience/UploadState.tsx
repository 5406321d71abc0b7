/** How far an upload is, or why it came to nothing. It asks for itself anew each second, in whatever window it is shown. */
import type { Upload } from "#portal/upload/Upload.ts"
import { grouped } from "#portal/views/Count.tsx"
import { sentence } from "#portal/views/Field.tsx"
import { Sentence } from "#portal/views/Sentence.tsx"
import type { Here } from "#portal/visit.ts"
import { sayDuration } from "#portal/words/durations.ts"
import { AudienceFileError } from "#schema/audience/AudienceFile.ts"
import { sayOctets } from "./octets.ts"

/** Of which nothing has come for so long it is said so. */
const SILENT_MS = 10_000

/** A browser's own bar has colours of its own: parts of it are named by each engine in its way. */
const BAR =
  "h-3 w-full appearance-none overflow-hidden rounded bg-muted [&::-webkit-progress-bar]:bg-muted [&::-webkit-progress-value]:bg-blue-700 [&::-moz-progress-bar]:bg-blue-700 dark:[&::-webkit-progress-value]:bg-blue-400 dark:[&::-moz-progress-bar]:bg-blue-400"

/** broken: recipients of one that was never finished, and is not under way. */
export const UploadState = ({
  broken = 0,
  here,
  path,
  upload
}: {
  here: Here
  path: string
  upload: Upload | undefined
  broken?: number
}) => {
  if (upload === undefined)
    return <div id="upload">{broken > 0 && <Notice>{here.words.audience.brokenOff(broken)}</Notice>}</div>
  if (upload.state === "failed") return <Failed here={here} upload={upload} />
  return <UnderWay here={here} upload={upload} path={path} />
}

const Notice = ({ children }: { children: string }) => (
  <p role="status" class="rounded-md border border-amber-700 p-3">
    <span aria-hidden="true">△ </span>
    {children}
  </p>
)

const UnderWay = ({ here, path, upload }: { here: Here; path: string; upload: Upload }) => {
  const words = here.words.audience
  const { locale } = here.words
  const { counts, file, restMs, state, taken } = upload
  const isSilent = state === "taking" && Date.now() - upload.heardAt > SILENT_MS
  const again = {
    ...{ "hx-get": `${path}/progress`, "hx-trigger": "every 1s", "hx-swap": "outerHTML" },
    ...{ "hx-status:5xx": "swap:none", "hx-status:4xx": "swap:none" }
  }
  const parts = { who: <bdi>{upload.by.name}</bdi>, file: <bdi>{file.name}</bdi> }
  const figures = [
    file.size === undefined
      ? words.cameSoFar(sayOctets(taken, locale))
      : words.came(sayOctets(taken, locale), sayOctets(file.size, locale)),
    words.lines(counts.lines),
    ...(state === "taking" && restMs !== undefined && !isSilent
      ? [words.rest(sayDuration(Math.max(1_000, restMs), locale))]
      : [])
  ]
  return (
    <section
      id="upload"
      data-state={state}
      aria-labelledby="under-way"
      class="grid gap-3 rounded-md border p-4"
      {...again}
    >
      <h2 id="under-way" class="text-lg font-semibold break-words">
        <Sentence words={state === "taking" ? words.uploading : words.reading} parts={parts} />
      </h2>
      <progress
        class={BAR}
        aria-labelledby="under-way"
        {...(file.size !== undefined && { value: taken, max: Math.max(1, file.size) })}
      />
      <p class="tabular-nums">{figures.join(" · ")}</p>
      {isSilent ? (
        <p>
          <span aria-hidden="true">△ </span>
          {words.silent} {upload.by.id === here.me.id && words.goOnHelp}
        </p>
      ) : (
        <p class="text-sm text-muted-foreground">{words.leave}</p>
      )}
      <div class="flex flex-wrap items-center gap-3">
        <form method="post" action={`${path}/discard`} data-upload-cancel>
          <button type="submit" class="btn-outline">
            {words.cancel}
          </button>
        </form>
        <noscript>
          <a class="underline underline-offset-4" href={path}>
            {words.look}
          </a>
        </noscript>
      </div>
    </section>
  )
}

/** In words; what was refused by a rule is said as the rule says it. */
export const problemOf = (here: Here, { problem }: Upload): string => {
  const words = here.words.audience
  if (problem === "too large") return words.tooLarge
  if (problem === "longer than said") return words.longer
  if (problem === "broken off") return words.brokeOff
  if (problem === "faulty" || problem === undefined) return words.faulty
  return problem instanceof AudienceFileError ? words.problem(problem) : sentence(problem.message)
}

const Failed = ({ here, upload }: { here: Here; upload: Upload }) => {
  const words = here.words.audience
  const { counts } = upload
  return (
    <section id="upload" data-state="failed" role="alert" class="grid gap-2 rounded-md border border-destructive p-4">
      <h2 class="text-lg font-semibold break-words">
        <Sentence words={words.failed} parts={{ file: <bdi>{upload.file.name}</bdi> }} />
      </h2>
      <p class="break-words">{problemOf(here, upload)}</p>
      {counts.lines > 0 && (
        <p class="text-sm text-muted-foreground">
          {words.lines(counts.lines)} · {grouped(counts.invalid, here.words.locale)} {words.invalid.toLowerCase()}
        </p>
      )}
    </section>
  )
}
