/** To whom a draft goes: uploaded in pieces by a script, or as one form without; its progress, its counts, what was left out of it. */
import { Effect } from "effect"
import { Hono } from "hono"
import type { Answers } from "#portal/answers.tsx"
import { download } from "#portal/download.ts"
import { go, wantsFragment } from "#portal/htmx.ts"
import { postedFile } from "#portal/upload/multipart.ts"
import { pour, SILENT_MS } from "#portal/upload/pour.ts"
import type { GivenFile, Upload } from "#portal/upload/Upload.ts"
import { MOST_OCTETS, makeUploads, UploadError, type Uploads } from "#portal/upload/Uploads.ts"
import { sentence } from "#portal/views/Field.tsx"
import type { Asked, Env, Here } from "#portal/visit.ts"
import { audienceView, rejectedAfter } from "#schema/audience/AudienceView.ts"
import { recountChanged } from "#schema/audience/PartCounts.ts"
import { csvCell } from "#schema/audit/Export.ts"
import { draft } from "#schema/campaign/Draft.ts"
import { AT_MOST, AT_ONCE } from "#schema/campaign/Evidence.ts"
import { Refused } from "#schema/Refused.ts"
import { AudiencePage, ColumnField } from "./AudiencePage.tsx"
import { pathOf } from "./shown.ts"
import { problemOf, UploadState } from "./UploadState.tsx"

/** The most that a script may send at once. */
export const MOST_OF_A_PIECE = 8 * 1024 * 1024

/** Whether a request bounds its own body, and may be longer than a form. */
export const boundsItself = (c: Asked): boolean =>
  c.req.method === "PUT"
    ? /^\/w\/\d+\/campaigns\/\d+\/audience\/pieces$/.test(c.req.path)
    : c.req.method === "POST" && /^\/w\/\d+\/campaigns\/\d+\/audience$/.test(c.req.path)

/** silentMs: how long a body may say nothing. */
export const audience = ({ here }: Answers, uploads: Uploads = makeUploads(), silentMs: number = SILENT_MS) =>
  new Hono<Env>()
    .get(
      "/",
      here((visit) => page(uploads, visit))
    )
    .post(
      "/",
      here((visit) => posted(uploads, visit, silentMs))
    )
    .put(
      "/pieces",
      here((visit) => piece(uploads, visit, silentMs))
    )
    .get(
      "/progress",
      here((visit) => progress(uploads, visit))
    )
    .post(
      "/discard",
      here((visit) =>
        Effect.gen(function* () {
          const id = yield* idOf(visit)
          yield* uploads.discard(id, visit.acting)
          return go(visit.c, pathOf(visit, id))
        })
      )
    )
    .post(
      "/count",
      here((visit) => counted(uploads, visit))
    )
    .get("/rejects.csv", here(rejects))

const noSuch = new Refused({ reason: "NotFound", message: "there is no such campaign" })

const idOf = ({ c }: Here) => {
  const id = c.req.param("campaign") ?? ""
  return /^[1-9]\d{0,8}$/.test(id) ? Effect.succeed(Number(id)) : Effect.fail(noSuch)
}

/** What there is to be seen of it by who may; all: the stop list is asked also where there are many. */
const viewed = Effect.fnUntraced(function* (visit: Here, id: number, all = false) {
  const view = yield* visit.acting(audienceView(id, all ? AT_MOST : AT_ONCE))
  return view ?? (yield* noSuch)
})

/** Only of a draft: the campaign's own page shows it afterwards. */
const page = Effect.fnUntraced(function* (uploads: Uploads, visit: Here, refused?: string) {
  const id = yield* idOf(visit)
  const view = yield* viewed(visit, id, visit.c.req.query("compare") === "all")
  if (view.state !== "draft") return go(visit.c, `/w/${visit.workspace.id}/campaigns/${id}`)
  const steps = view.may_edit ? yield* visit.acting(draft(id)) : undefined
  const upload = uploads.of(visit.workspace.id, id)
  return <AudiencePage here={visit} shown={{ campaignId: id, view, draft: steps, upload, refused }} />
})

/** For the page, which asks while an upload is under way; when there is none any more, the page anew. */
const progress = Effect.fnUntraced(function* (uploads: Uploads, visit: Here) {
  const id = yield* idOf(visit)
  const upload = uploads.of(visit.workspace.id, id)
  if (upload === undefined || !wantsFragment(visit.c)) return go(visit.c, pathOf(visit, id))
  return (
    <>
      <UploadState here={visit} path={pathOf(visit, id)} upload={upload} />
      {upload.state === "failed" && <ColumnField here={visit} upload={upload} swapped />}
    </>
  )
})

const mayEdit = Effect.fnUntraced(function* (visit: Here, id: number) {
  const view = yield* viewed(visit, id)
  if (!view.may_edit)
    return yield* new Refused({ reason: "Forbidden", message: "authors and admins may give a campaign its numbers" })
  if (view.state !== "draft")
    return yield* new Refused({
      reason: "Conflict",
      message: `campaign ${id} is ${view.state.replaceAll("_", " ")}; take it back to draft to change it`
    })
  return view
})

const begun = (uploads: Uploads, visit: Here, id: number, country: string, file: GivenFile) =>
  uploads.begin({
    ...{ workspaceId: visit.workspace.id, campaignId: id, file, country, as: visit.acting },
    by: { id: visit.me.id, name: visit.me.name }
  })

const saidOf = (visit: Here, { by, file, reason }: UploadError): string => {
  const words = visit.words.audience
  return reason === "Busy" ? words.busy : words.another(by, file)
}

/** The page again, with why; what was chosen can't be kept, since no page may choose a file. */
const refusedPage = Effect.fnUntraced(function* (uploads: Uploads, visit: Here, status: 400 | 409, said?: string) {
  const again = yield* page(uploads, visit, said)
  if (!(again instanceof Response)) visit.c.status(status)
  return again
})

/** Without a script: one form, taken as it arrives, and answered when it is the audience or was not taken. */
const posted = Effect.fnUntraced(function* (uploads: Uploads, visit: Here, silentMs: number) {
  const id = yield* idOf(visit)
  const { country } = yield* mayEdit(visit, id)
  const given = yield* Effect.promise(() => postedFile(visit.c.req.raw, silentMs))
  if (given === undefined) return yield* refusedPage(uploads, visit, 400, visit.words.audience.choose)
  const file = { name: given.name, size: undefined, modified: "", column: given.field("column").trim() }
  const beginning = yield* Effect.result(begun(uploads, visit, id, country, file))
  if (beginning._tag === "Failure") {
    const refused = beginning.failure
    if (refused instanceof UploadError) return yield* refusedPage(uploads, visit, 409, saidOf(visit, refused))
    if (refused.reason === "Conflict") return yield* refusedPage(uploads, visit, 409, refused.message)
    return yield* refused
  }
  const upload = beginning.success
  const taken = Effect.gen(function* () {
    const how = yield* Effect.promise(() => pour(given.octets, (octets) => uploads.take(id, upload, octets), silentMs))
    if (how === "end") upload.end()
    else uploads.fail(id, "broken off")
    return yield* uploads.finished(id, upload)
  })
  // whoever has gone away can't go on with a form
  const finished = yield* Effect.onInterrupt(taken, () => Effect.sync(() => uploads.fail(id, "broken off")))
  return finished ? go(visit.c, pathOf(visit, id)) : yield* refusedPage(uploads, visit, 400)
})

const whole = (text: string | undefined): number | undefined =>
  /^\d{1,13}$/.test(text ?? "") ? Number(text) : undefined

/** Which file a piece is of, and where in it. */
const askedOf = (c: Asked) => {
  const [name, size, offset] = [c.req.query("name") ?? "", whole(c.req.query("size")), whole(c.req.query("offset"))]
  if (name === "" || name.length > 255 || size === undefined || offset === undefined) return undefined
  const modified = (c.req.query("modified") ?? "").slice(0, 20)
  return { offset, file: { name, size, modified, column: (c.req.query("column") ?? "").trim().slice(0, 200) } }
}

/**
 * The next piece of a file, for the script. Answered when it was taken, so that nothing is sent faster than it is loaded: 200 with where the
 * next one begins; 409 with where it is, when that is not where this one begins: a connection was lost, or the portal was started anew.
 */
const piece = Effect.fnUntraced(function* (uploads: Uploads, visit: Here, silentMs: number) {
  const { c } = visit
  const words = visit.words.audience
  const asked = askedOf(c)
  if (asked === undefined) return c.json({ said: words.asked }, 400)
  const { file, offset } = asked
  if (file.size > MOST_OCTETS) return c.json({ said: words.tooLarge }, 413)
  if ((whole(c.req.header("Content-Length")) ?? 0) > MOST_OF_A_PIECE) return c.json({ said: words.pieceTooLarge }, 413)
  const id = yield* idOf(visit)
  const found = yield* Effect.result(uploadFor(uploads, visit, id, file, offset))
  if (found._tag === "Failure") {
    const refused = found.failure
    yield* drained(c, silentMs)
    const said = refused instanceof UploadError ? saidOf(visit, refused) : sentence(refused.message)
    return c.json({ said }, refused instanceof UploadError ? 409 : (STATUS[refused.reason] ?? 503))
  }
  const upload = found.success
  if (upload === undefined || upload.taken !== offset) {
    yield* drained(c, silentMs)
    return c.json({ offset: upload?.taken ?? 0 }, 409)
  }
  return yield* Effect.promise(() => taken(uploads, visit, id, upload, silentMs))
})

const STATUS: Partial<Record<Refused["reason"], 400 | 403 | 404 | 409>> = {
  Forbidden: 403,
  NotFound: 404,
  Conflict: 409,
  Invalid: 400
}

/** The one under way; its first piece begins it. undefined: there is none for a piece in its middle. */
const uploadFor = Effect.fnUntraced(function* (
  uploads: Uploads,
  visit: Here,
  id: number,
  file: GivenFile,
  offset: number
) {
  const there = uploads.of(visit.workspace.id, id)
  if (there?.isOf(file, visit.me.id) && (there.state !== "failed" || offset > 0)) return there
  if (offset > 0 && (there === undefined || there.state === "failed")) return undefined
  const { country } = yield* mayEdit(visit, id)
  return yield* begun(uploads, visit, id, country, file)
})

const taken = async (uploads: Uploads, visit: Here, id: number, upload: Upload, silentMs: number) => {
  const { c } = visit
  const { isMine } = upload.begin()
  let came = 0
  const how = await pour(
    c.req.raw.body ?? none(),
    async (octets) => {
      came += octets.length
      return isMine() && came <= MOST_OF_A_PIECE && (await uploads.take(id, upload, octets))
    },
    silentMs
  )
  if (upload.state === "failed") return c.json({ said: problemOf(visit, upload) }, 422)
  if (!isMine()) return c.json({ offset: upload.taken }, 409)
  if (came > MOST_OF_A_PIECE) return c.json({ said: visit.words.audience.pieceTooLarge }, 413)
  if (how !== "end") return c.json({ offset: upload.taken }, 408)
  if (upload.taken === upload.file.size) upload.end()
  return c.json({ offset: upload.taken, lines: upload.counts.lines })
}

async function* none(): AsyncGenerator<Uint8Array> {}

/** A browser hears an answer only when it has sent all it began to. */
const drained = (c: Asked, silentMs: number) => {
  let came = 0
  return Effect.promise(() =>
    pour(
      c.req.raw.body ?? none(),
      async (octets) => {
        came += octets.length
        return came <= MOST_OF_A_PIECE
      },
      silentMs
    )
  )
}

/** After its text or its channels were changed. */
const counted = Effect.fnUntraced(function* (uploads: Uploads, visit: Here) {
  const id = yield* idOf(visit)
  yield* mayEdit(visit, id)
  const done = yield* Effect.result(recountChanged(id, visit.acting))
  if (done._tag === "Success") return go(visit.c, pathOf(visit, id))
  if (done.failure.reason !== "Conflict") return yield* done.failure
  return yield* refusedPage(uploads, visit, 409, done.failure.message)
})

/** Each line that became no recipient, as it was, with its number and why; made while it is sent. */
const rejects = Effect.fnUntraced(function* (visit: Here) {
  const id = yield* idOf(visit)
  const { lanes, may_edit } = yield* viewed(visit, id)
  if (!may_edit)
    return yield* new Refused({
      reason: "Forbidden",
      message: "authors and admins may see the lines that were left out"
    })
  const words: Readonly<Record<string, string>> = visit.words.evidence.reasons
  const name = `campaign-${id}-left-out.csv`
  return yield* download(visit.c, { name, type: "text/csv; charset=utf-8" }, (take) =>
    Effect.gen(function* () {
      yield* take("\ufeffline,reason,text\r\n")
      for (const lane of lanes) {
        let after = 0
        while (true) {
          const rows = yield* visit.acting(rejectedAfter(lane.id, after))
          if (rows.length === 0) break
          after = rows.at(-1)!.line
          yield* take(
            rows
              .map(({ line, raw, reason }) => `${line},${csvCell(words[reason] ?? reason)},${csvCell(raw)}\r\n`)
              .join("")
          )
        }
      }
    })
  )
})
