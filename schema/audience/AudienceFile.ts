/**
 * An audience file on disk as a stream of batches: `AudienceReader` with a file under it and errors around it.
 */
import { createReadStream } from "node:fs"
import { Effect, Schema, Stream } from "effect"
import type { AudienceBatch } from "./AudienceBatch.ts"
import { type AudienceProblem, problemReasons, problems } from "./AudienceProblem.ts"
import { type AudienceOptions, AudienceReader, type AudienceStep } from "./AudienceReader.ts"

/** The file as a whole cannot be an audience. `message` is for the person who uploaded it. */
export class AudienceFileError extends Schema.TaggedError<AudienceFileError>()("AudienceFileError", {
  reason: Schema.Literals(problemReasons),
  message: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {}

// 64 KiB a read: at 256 KiB the buffers that wait for the collector take 60 MB more, and nothing is faster.
const READ_BYTES = 65_536

export type OnColumns = (kept: ReadonlyArray<string>, leftOut: ReadonlyArray<string>) => void

/**
 * Batches of the file at `path`. Backpressure reaches the disk; nothing is held but a batch and the set of numbers.
 *
 * Fails with `AudienceFileError`, after the batches before it: a file without a valid number still tells why each line
 * was rejected. `onColumns` is told the columns of a csv that are kept, and those that are not, before the first batch.
 */
export const readAudience = (
  path: string,
  options: AudienceOptions & { readonly onColumns?: OnColumns }
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
    const chunks = Stream.fromAsyncIterable<Uint8Array, AudienceFileError>(
      createReadStream(path, { highWaterMark: READ_BYTES }),
      fileError
    )
    return chunks.pipe(
      Stream.map((chunk) => tell(reader.push(chunk))),
      Stream.concat(Stream.fromEffect(Effect.sync(() => tell(reader.end())))),
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
