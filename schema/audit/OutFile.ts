/**
 * Where a command's output goes: standard output, or a file that holds what may not lie open and is not written over by accident.
 *
 * A file is written beside its place under a name of its own, and put there when it is whole: at no moment does something
 * half-written stand under the name that was given, and what stood there before stands there until then.
 */
import { randomBytes } from "node:crypto"
import {
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync
} from "node:fs"
import { dirname, join } from "node:path"
import { Effect, Result, Schema } from "effect"
import { type ArgumentsError, refuse } from "./CommandLine.ts"
import { notWrittenWords } from "./fileWords.ts"

/** The options of a command whose output may go into a file, and what `--help` says of them. */
export const outOptions = { out: { type: "string" }, force: { type: "boolean" } } as const

export const outHelp = `  --out FILE           where to; without it to standard output
  --force              write over a file that is there`

/** path: none for standard output. force: a file that is there is written over. */
export interface Out {
  readonly path: string | undefined
  readonly force: boolean
}

export const readOut = (values: {
  readonly out?: string | undefined
  readonly force?: boolean | undefined
}): Result.Result<Out, ArgumentsError> => {
  const { force = false, out: path } = values
  if (path === "") return refuse("--out is the path of a file")
  return force && path === undefined ? refuse("--force goes with --out") : Result.succeed({ path, force })
}

/** A file can't be written. `message` says which, and what to do. */
export class FileError extends Schema.TaggedError<FileError>()("FileError", {
  reason: Schema.Literals(["there already", "not writable"]),
  message: Schema.String
}) {}

const notWritten = (path: string, cause: unknown): FileError =>
  (cause as NodeJS.ErrnoException).code === "EEXIST"
    ? new FileError({ reason: "there already", message: `${path} is there already, and stays as it is` })
    : new FileError({ reason: "not writable", message: notWrittenWords(path, cause) })

export type Write = (text: string) => Effect.Effect<void, FileError>

/**
 * Gives `use` a file to write, for its owner's eyes; what was there before stays unless `force` is said. With `force`, what is there
 * and is no file, as a pipe or a device, is written to as it is. It is opened before `use` begins: what can't be kept is not fetched.
 */
export const inFile = <A, E, R>(
  path: string,
  force: boolean,
  use: (write: Write) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | FileError, R> => {
  const attempt = <B>(what: () => B) => Effect.try({ try: what, catch: (cause) => notWritten(path, cause) })
  return Effect.acquireUseRelease(
    attempt(() => opened(path, force)),
    ({ file, part }) =>
      Effect.tap(
        use((text) => attempt(() => writeWhole(file, Buffer.from(text)))),
        () =>
          attempt(() => {
            if (part === undefined) return
            fsyncSync(file)
            putInPlace(part, path, force)
          })
      ),
    ({ file, part }) =>
      Effect.sync(() => {
        closeSync(file)
        if (part !== undefined) rmSync(part, { force: true })
      })
  )
}

interface Opened {
  readonly file: number
  /** Where it is until it is whole; undefined: it is written where it belongs. */
  readonly part: string | undefined
}

const opened = (path: string, force: boolean): Opened => {
  const there = statSync(path, { throwIfNoEntry: false })
  // as the system would say it, but before anything is fetched and whether or not `force` is said
  if (there?.isDirectory() === true || path.endsWith("/")) throw withCode("EISDIR")
  // a link to nothing is there too
  if (!force && lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw withCode("EEXIST")
  // what takes the place of a pipe or a device would never reach who reads there
  if (there?.isFile() === false) return { file: openSync(path, constants.O_WRONLY), part: undefined }
  const part = join(dirname(path), `.${randomBytes(8).toString("hex")}.part`)
  return { file: openSync(part, "wx", 0o600), part }
}

const withCode = (code: string): Error => Object.assign(new Error(code), { code })

/**
 * Gives a whole file its name. Without force one that has appeared there meanwhile stays, and is told: a link, unlike a rename, takes
 * nobody's place. Where the disk knows no links, as a memory stick's, an empty file holds the name for that moment.
 *
 * @internal link: for tests.
 */
export const putInPlace = (part: string, path: string, force: boolean, link = linkSync): void => {
  if (force) return renameSync(part, path)
  try {
    link(part, path)
  } catch (cause) {
    if (!NO_LINKS.has(`${(cause as NodeJS.ErrnoException).code}`)) throw cause
    closeSync(openSync(path, "wx", 0o600))
    renameSync(part, path)
  }
}

const NO_LINKS: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"])

const writeWhole = (file: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}

/** Standard output, as fast as whoever reads it takes it. */
export const toStandardOutput: Write = (text) =>
  Effect.callback((resume) => {
    process.stdout.write(text, (cause) =>
      resume(cause ? Effect.fail(notWritten("standard output", cause)) : Effect.void)
    )
  })

/** Gives `use` what `out` says to write to. */
export const writeTo = <A, E, R>(
  { force, path }: Out,
  use: (write: Write) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | FileError, R> =>
  path === undefined
    ? use(toStandardOutput)
    : inFile(path, force, use).pipe(
        Effect.mapError((error) =>
          error instanceof FileError && error.reason === "there already"
            ? new FileError({ ...error, message: `${error.message}; give another --out, or --force` })
            : error
        )
      )
