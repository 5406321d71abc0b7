/**
 * The uploads that are under way in this portal: one a campaign, some at once. They live here and nowhere else: when the portal is started
 * anew, what was half loaded stays in the database until it is discarded.
 *
 * Promises: what is loaded is loaded in the name of who uploads it; of one that is cancelled, or of which nothing more came for a while,
 * nothing stays; memory is bounded whatever is sent.
 */
import { Cause, Effect, Exit, Fiber, Option, Schema } from "effect"
import type { AudienceFileError } from "#schema/audience/AudienceFile.ts"
import { discard, laneForFile } from "#schema/audience/AudienceLane.ts"
import { load } from "#schema/audience/Audiences.ts"
import type { SqlClient } from "#schema/Database.ts"
import type { Acting } from "#schema/people/Acting.ts"
import type { Refused } from "#schema/Refused.ts"
import { makeNormaliser } from "#schema/text/Msisdn.ts"
import { type GivenFile, type Problem, Upload } from "./Upload.ts"

/** A file of 80 million lines or so. */
export const MOST_OCTETS = 2 * 1024 ** 3

/** Uploads under way: each may hold a set of all its numbers. */
const AT_ONCE = 8

/** Of which nothing came for so long is given up. */
const IDLE_MS = 15 * 60_000

/** another: a different file is being uploaded to the campaign, or by somebody else. */
export class UploadError extends Schema.TaggedError<UploadError>()("UploadError", {
  reason: Schema.Literals(["Another", "Busy"]),
  by: Schema.String,
  file: Schema.String
}) {}

export interface Beginning {
  readonly workspaceId: number
  readonly campaignId: number
  readonly file: GivenFile
  readonly by: Upload["by"]
  readonly as: Acting
  /** whose numbers are written without their country code */
  readonly country: string
}

interface Live {
  readonly upload: Upload
  readonly idle: NodeJS.Timeout
  loading: Fiber.Fiber<unknown, unknown> | undefined
}

export type Uploads = ReturnType<typeof makeUploads>

export const makeUploads = (idleMs: number = IDLE_MS) => {
  const all = new Map<number, Live>()

  const forget = (campaignId: number, { idle, upload }: Live) => {
    clearTimeout(idle)
    if (all.get(campaignId)?.upload === upload) all.delete(campaignId)
  }

  const ended = (campaignId: number, one: Live, exit: Exit.Exit<unknown, AudienceFileError | Refused>) => {
    one.upload.octets.close()
    if (Exit.isSuccess(exit)) return forget(campaignId, one)
    const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
    one.upload.fail(error ?? "faulty")
  }

  /** Ends it for what was wrong with it; what was loaded stays until it is discarded. */
  const fail = (campaignId: number, problem: Problem) => {
    const one = all.get(campaignId)
    one?.upload.fail(problem)
    one?.loading?.interruptUnsafe()
  }

  /** Under way, or the last that failed. */
  const of = (workspaceId: number, campaignId: number): Upload | undefined => {
    const upload = all.get(campaignId)?.upload
    return upload?.workspaceId === workspaceId ? upload : undefined
  }

  /** Takes the campaign's audience away, half loaded or whole, in the name of whoever says so; an upload that is under way ends. */
  const discardAll = Effect.fn("Uploads.discard")(function* (campaignId: number, as: Acting) {
    yield* as(discard(campaignId))
    const one = all.get(campaignId)
    if (one === undefined) return
    forget(campaignId, one)
    one.upload.fail("faulty")
    if (one.loading !== undefined) yield* Fiber.interrupt(one.loading)
  })

  /** Begins to load into an empty lane of a draft; the octets are brought by `take`. The same file again: the upload there is. */
  const begin = Effect.fn("Uploads.begin")(function* (beginning: Beginning) {
    const { as, by, campaignId, country, file, workspaceId } = beginning
    const there = all.get(campaignId)
    if (there !== undefined && there.upload.state !== "failed") {
      if (there.upload.isOf(file, by.id)) return there.upload
      return yield* new UploadError({ reason: "Another", by: there.upload.by.name, file: there.upload.file.name })
    }
    if ([...all.values()].filter(({ upload }) => upload.state !== "failed").length >= AT_ONCE)
      return yield* new UploadError({ reason: "Busy", by: "", file: file.name })
    if (there !== undefined) forget(campaignId, there)
    const services = yield* Effect.context<SqlClient>()
    const upload = new Upload(workspaceId, file, by)
    const giveUp = () => Effect.runForkWith(services)(Effect.ignore(discardAll(campaignId, as)))
    // it keeps no program alive
    const one: Live = { upload, idle: setTimeout(giveUp, idleMs).unref(), loading: undefined }
    all.set(campaignId, one)
    const laneId = yield* Effect.onError(as(laneForFile(campaignId)), () =>
      Effect.sync(() => {
        upload.fail("faulty")
        forget(campaignId, one)
      })
    )
    const loading = load(upload.octets, {
      ...{ laneId, as, fileName: file.name, format: formatOf(file), normaliser: makeNormaliser(country) },
      ...(file.column !== "" && { column: file.column }),
      onBatch: ({ counts }) => {
        upload.counts = counts
      }
    })
    // it goes on when this request has been answered
    one.loading = yield* Effect.forkDetach(
      Effect.onExit(loading, (exit) => Effect.sync(() => ended(campaignId, one, exit)))
    )
    return upload
  })

  /** Brings the next octets. Settles when more may come; false: they are taken no further. */
  const take = (campaignId: number, upload: Upload, piece: Uint8Array): Promise<boolean> => {
    all.get(campaignId)?.idle.refresh()
    const { size } = upload.file
    if (upload.taken + piece.length > (size ?? MOST_OCTETS))
      fail(campaignId, size === undefined ? "too large" : "longer than said")
    return upload.take(piece)
  }

  /** Whether it became the campaign's audience, once that is known. */
  const finished = Effect.fnUntraced(function* (campaignId: number, upload: Upload) {
    const one = all.get(campaignId)
    if (one?.upload === upload && one.loading !== undefined) yield* Fiber.await(one.loading)
    return upload.problem === undefined
  })

  return { of, begin, take, fail, finished, discard: discardAll }
}

/** A name tells it, or that a column is named; what is no text at all is found out by its octets. */
const formatOf = ({ column, name }: GivenFile): "txt" | "csv" =>
  column !== "" || /\.(csv|tsv)$/i.test(name) ? "csv" : "txt"
