/** Where a process spent its time, from what `node --cpu-prof` wrote: self time by file and by function. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

interface CpuProfile {
  readonly nodes: ReadonlyArray<{
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }>
  readonly samples: ReadonlyArray<number>
  readonly timeDeltas: ReadonlyArray<number>
}

export interface Share {
  readonly where: string
  readonly micros: number
}

/** Self time of each file and function in the profile in `folder`, most first; idle time and loading left out. */
export const shares = (
  folder: string
): { readonly files: ReadonlyArray<Share>; readonly functions: ReadonlyArray<Share> } => {
  const file = readdirSync(folder).find((name) => name.endsWith(".cpuprofile"))
  if (file === undefined) throw new Error(`no profile was written to ${folder}`)
  const profile = JSON.parse(readFileSync(join(folder, file), "utf8")) as CpuProfile
  const frames = new Map(profile.nodes.map((node) => [node.id, node.callFrame]))
  const files = new Map<string, number>()
  const functions = new Map<string, number>()
  profile.samples.forEach((id, i) => {
    const { functionName, lineNumber, url } = frames.get(id)!
    if (functionName === "(idle)" || functionName === "(program)" || loads(url)) return
    const micros = profile.timeDeltas[i]!
    const where = url === "" ? (functionName.startsWith("(") ? functionName : "native") : short(url)
    const what = `${functionName || "(anonymous)"} ${url === "" ? "" : `${short(url)}:${lineNumber + 1}`}`.trim()
    files.set(where, (files.get(where) ?? 0) + micros)
    functions.set(what, (functions.get(what) ?? 0) + micros)
  })
  return { files: sorted(files), functions: sorted(functions) }
}

const sorted = (by: Map<string, number>): ReadonlyArray<Share> =>
  Array.from(by, ([where, micros]) => ({ where, micros })).sort((a, b) => b.micros - a.micros)

const root = new URL("../..", import.meta.url).href
/** Loading a program is no part of a run. */
const loads = (url: string): boolean => /^node:internal\/(modules|bootstrap|process)|^wasm:/.test(url)

const short = (url: string): string => url.replace(root, "").replace(/^.*node_modules\//, "")
