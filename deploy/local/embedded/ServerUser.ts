/**
 * Whom the server runs as. Postgres refuses root, and initdb wants a user with a name; so root lends the server the
 * identity of somebody who is in /etc/passwd anyway and owns little. Nothing is created or changed on the machine.
 */
import { readFileSync, realpathSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { refuse } from "./EmbeddedPostgresError.ts"

export interface ServerUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** In this order: made for it, made to own nothing, then the old ones that every distribution has. */
const preferred = ["postgres", "nobody", "daemon", "bin"]

/**
 * `ownerUid` is who owns the data on disk, if there are any: they go on under that user.
 * `undefined` when the server runs as ourselves, because we aren't root.
 */
export const chooseUser = (
  ownerUid: number | undefined,
  ourUid: number = process.getuid!(),
  passwd: string = readFileSync("/etc/passwd", "utf8")
): ServerUser | undefined => {
  if (ourUid !== 0) {
    if (ownerUid !== undefined && ownerUid !== ourUid) {
      return refuse(
        "user",
        `the database's files belong to user ${ownerUid}, not to you (${ourUid}); start as that user or as root`
      )
    }
    // Only initdb asks for the name.
    if (ownerUid === undefined && !parse(passwd).some((user) => user.uid === ourUid)) {
      return refuse(
        "user",
        `user ${ourUid} has no name in /etc/passwd, which Postgres needs; start as a named user or give DATABASE_URL`
      )
    }
    return undefined
  }
  const users = parse(passwd).filter((user) => user.uid !== 0)
  const rank = ({ name }: ServerUser) => (preferred.includes(name) ? preferred.indexOf(name) : preferred.length)
  const found =
    ownerUid === undefined || ownerUid === 0
      ? users.sort((a, b) => rank(a) - rank(b))[0]
      : // What once was created goes on under its owner, named or not.
        (users.find((user) => user.uid === ownerUid) ?? { name: `${ownerUid}`, uid: ownerUid, gid: ownerUid })
  return (
    found ??
    refuse("user", "Postgres refuses to run as root and /etc/passwd names nobody else; add a user or give DATABASE_URL")
  )
}

const parse = (passwd: string): Array<ServerUser> =>
  passwd.split("\n").flatMap((line) => {
    const [name, , uid, gid] = line.split(":")
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : []
  })

/**
 * Whether `user` can get at `path`: search every folder above it, and read it (and search it, or run it, where it is a
 * folder or a program). By mode bits alone: an access list can only make this answer too careful or be met as an error
 * of the server itself.
 */
export const reaches = (user: ServerUser | undefined, path: string): boolean => {
  if (user === undefined) return true
  const real = realpathSync(path)
  for (let folder = dirname(real); ; folder = dirname(folder)) {
    if (!allows(user, folder, 0o1)) return false
    if (folder === dirname(folder)) break
  }
  const { mode } = statSync(real)
  return allows(user, real, (mode & 0o111) !== 0 ? 0o5 : 0o4)
}

const allows = (user: ServerUser, path: string, bits: number): boolean => {
  const { gid, mode, uid } = statSync(path)
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0
  return ((mode >> shift) & bits) === bits
}
