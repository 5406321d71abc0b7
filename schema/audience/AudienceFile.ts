/**
 * An audience file as a stream of batches: `AudienceReader` with a file on disk under it, or octets as they arrive, and errors around it.
 */
import { createReadStream } from "node:fs"
import { Effect, Schema, Stream } from "effect"
import type { AudienceBatch, Counts } from "./AudienceBatch.ts"
import { type AudienceProblem, binaryKinds, problemReasons, problems } from "./AudienceProblem.ts"
import { type AudienceOptions, AudienceReader, type AudienceStep } from "./AudienceReader.ts"

/** The file as a whole cannot be an audience. `message` is for the person who uploaded it. */
export class AudienceFileError extends Schema.TaggedError<AudienceFileError>()("AudienceFileError", {
  reason: Schema.Literals(problemReasons),
  message: Schema.String,
  /** of one that is no text */
  kind: Schema.optionalKey(Schema.Literals(binaryKinds)),
  /** of one whose columns are not as they were asked for: theirs */
  columns: Schema.optionalKey(Schema.Array(Schema.String)),
  likely: Schema.optionalKey(Schema.String),
  cause: Schema.optionalKey(Schema.Defect())
}) {}

// 64 KiB a read: at 256 KiB the buffers that wait for the collector take 60 MB more, and nothing is faster.
const READ_BYTES = 65_536

/** A file's path, or its octets, in pieces of any size. */
export type AudienceSource = string | AsyncIterable<Uint8Array>

export type OnColumns = (kept: ReadonlyArray<string>, leftOut: ReadonlyArray<string>) => void

/** What there was when all of it had been read. */
export type OnEnd = (counts: Counts, octets: number) => void

/**
 * Batches of the file. Backpressure reaches its source; nothing is held but a piece, a batch and the set of numbers.
 *
 * Fails with `AudienceFileError`, after the batches before it: a file without a valid number still tells why each line
 * was rejected. `onColumns` is told the columns of a csv that are kept, and those that are not, before the first batch.
 */
export const readAudience = (
  source: AudienceSource,
  options: AudienceOptions & { readonly onColumns?: OnColumns; readonly onEnd?: OnEnd }
): Stream.Stream<AudienceBatch, AudienceFileError> =>
  Stream.suspend(() => {
    const reader = new AudienceReader(options)
    let told = false
    const tell = (step: AudienceStep): AudienceStep => {
      if (!told && step.batches.length > 0) {
        told = true
        options.onColumns?.(reader.columns, reader.leftOut)
      }
      return step
    }
    const end = () => {
      const step = tell(reader.end())
      options.onEnd?.(reader.counts, reader.octets)
      return step
    }
    const chunks = Stream.fromAsyncIterable<Uint8Array, AudienceFileError>(
      typeof source === "string" ? createReadStream(source, { highWaterMark: READ_BYTES }) : source,
      fileError
    )
    return chunks.pipe(
      Stream.map((chunk) => tell(reader.push(chunk))),
      Stream.concat(Stream.fromEffect(Effect.sync(end))),
      Stream.flatMap(stepped)
    )
  })

const stepped = ({ batches, problem }: AudienceStep): Stream.Stream<AudienceBatch, AudienceFileError> =>
  problem === undefined
    ? Stream.fromIterable(batches)
    : Stream.concat(Stream.fromIterable(batches), Stream.fail(new AudienceFileError(problem)))

const fileError = (cause: unknown): AudienceFileError => new AudienceFileError({ ...ofCode(cause), cause })

const ofCode = (cause: unknown): AudienceProblem => {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined
  if (code === "ENOENT" || code === "ENOTDIR") return problems.missing
  return code === "EISDIR" ? problems.directory : problems.notReadable
}
