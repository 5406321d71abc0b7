/**
 * Where the data lie. Always found from one folder of ours (`./data/postgres`):
 *
 *     password   the owner's, made once, readable by us alone
 *     cluster    the data: a folder, or a link to one
 *     log        what the server said since its last start (.old: before that)
 *
 * `cluster` is a link when we are root and the server's user can't get at our folder (a clone in the home of root). The
 * data then lie in a folder of the machine that is made for such, /var/lib/countersign, under a name made from our
 * folder's path. That folder is never cleaned by the system, unlike those for temporary files, and `of` in it says whose it is.
 */

import { createHash, randomBytes } from "node:crypto"
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { refuse } from "./EmbeddedPostgresError.ts"
import { reaches, type ServerUser } from "./ServerUser.ts"

export interface DataFolder {
  /** Ours, resolved: the name under which two starters see that they mean the same data. */
  readonly folder: string
  readonly log: string
  readonly password: string
  /** Who owns the data on disk; `undefined` before there are any. */
  readonly ownerUid: number | undefined
}

/** Makes the folder and the password where they are missing. Touches nothing that exists. */
export const openDataFolder = (dataDir: string): DataFolder => {
  makeFolder(dataDir)
  const folder = realpathSync(dataDir)
  const passwordFile = join(folder, "password")
  if (!existsSync(passwordFile)) {
    writeFileSync(passwordFile, randomBytes(24).toString("base64url"), { mode: 0o600, flag: "wx" })
  }
  return {
    folder,
    log: join(folder, "log"),
    password: readFileSync(passwordFile, "utf8").trim(),
    ownerUid: statSync(join(folder, "cluster"), { throwIfNoEntry: false })?.uid
  }
}

/** Parents included, open for others to pass through whatever the umask says: the server's user has to. */
const makeFolder = (path: string): void => {
  if (existsSync(path)) return
  if (path !== dirname(path)) makeFolder(dirname(path))
  mkdirSync(path)
  chmodSync(path, 0o755)
}

/** Folders of the machine that are kept, then those that may be cleaned. */
const homes = ["/var/lib", "/var/tmp", tmpdir()]

/** A folder of ours that `user` reaches: the data folder itself where that can be. */
export const reachableHome = (user: ServerUser | undefined, folder: string): string => {
  if (reaches(user, folder)) return folder
  for (const home of homes) {
    const path = join(home, "countersign")
    try {
      makeFolder(path)
      if (reaches(user, path)) return path
    } catch {
      // Read-only or absent: the next one.
    }
  }
  return refuse("folder", `Postgres runs as ${user!.name}, who can't reach ${folder} nor any of ${homes.join(", ")}`)
}

/** What `cluster` leads to, ready for the server's user; `undefined` when there are no data yet. */
export const findCluster = (user: ServerUser | undefined, { folder }: DataFolder): string | undefined => {
  const cluster = join(folder, "cluster")
  const found = lstatSync(cluster, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  if (found.isSymbolicLink()) {
    if (!existsSync(cluster)) {
      return refuse(
        "folder",
        `${cluster} leads to ${readlinkSync(cluster)}, which is gone; remove the link to begin with an empty database`
      )
    }
    claim(dirname(realpathSync(cluster)), folder)
  }
  const real = realpathSync(cluster)
  if (user !== undefined && statSync(real).uid !== user.uid) giveTo(user, real)
  if (!reaches(user, dirname(real))) {
    return refuse(
      "folder",
      `Postgres runs as ${user!.name}, who can't reach ${real} any more; move the folder back to where it was`
    )
  }
  return real
}

/** A moved folder takes its data along; a copied one must not write into the original's. */
const claim = (place: string, folder: string): void => {
  const note = join(place, "of")
  const of = existsSync(note) ? readFileSync(note, "utf8") : folder
  if (of !== folder && existsSync(join(of, "cluster"))) {
    refuse(
      "folder",
      `${folder} is a copy of ${of} and leads to the same data; remove ${folder} to begin with an empty database`
    )
  }
  writeFileSync(note, folder)
}

/** The folder in which `cluster` is made, and whether that is ours. */
export const placeFor = (user: ServerUser | undefined, { folder }: DataFolder): string => {
  const home = reachableHome(user, folder)
  return home === folder ? folder : join(home, createHash("sha256").update(folder).digest("hex").slice(0, 16))
}

/**
 * Makes the data: `init` is given an empty folder of the user's. Only when it is whole it becomes `cluster`, so that
 * an interrupted start leaves nothing that looks like a database. Data from before, whose link was removed with our
 * folder, are kept aside once as `cluster.before`.
 */
export const makeCluster = (user: ServerUser | undefined, data: DataFolder, init: (path: string) => void): string => {
  const place = placeFor(user, data)
  makeFolder(place)
  const cluster = join(place, "cluster")
  const partial = join(place, "cluster.partial")
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { mode: 0o700 })
  if (user !== undefined) chownSync(partial, user.uid, user.gid)
  init(partial)
  if (existsSync(cluster)) {
    rmSync(`${cluster}.before`, { recursive: true, force: true })
    renameSync(cluster, `${cluster}.before`)
  }
  renameSync(partial, cluster)
  if (place !== data.folder) {
    writeFileSync(join(place, "of"), data.folder)
    symlinkSync(cluster, join(data.folder, "cluster"))
  }
  return cluster
}

const giveTo = (user: ServerUser, path: string): void => {
  lchownSync(path, user.uid, user.gid)
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) giveTo(user, join(path, name))
}
