/** Why a file can't be read or written, for whoever named it: in words where the cause is a usual one, else as the system says it. */

const USUAL: Readonly<Record<string, string>> = {
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is no folder",
  EACCES: "this user may not",
  EPERM: "this user may not",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full"
}

/** cause: what node:fs threw. As a sentence without its end. */
export const notReadWords = (path: string, cause: unknown): string =>
  `${path} can't be read: ${because(cause, "there is no such file")}`

export const notWrittenWords = (path: string, cause: unknown): string =>
  `${path} can't be written: ${because(cause, "there is no such folder")}`

const because = (cause: unknown, missing: string): string => {
  const { code = "", message = "it is no file" } = cause as NodeJS.ErrnoException
  return code === "ENOENT" ? missing : (USUAL[code] ?? message)
}
