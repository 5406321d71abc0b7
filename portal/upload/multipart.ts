/** A form with a file in it, read as it arrives: its fields up to the file, then the file's octets, which nobody holds. */
import { Readable } from "node:stream"
import busboy from "busboy"
import { MOST_OCTETS } from "./Uploads.ts"

export interface PostedFile {
  readonly name: string
  readonly octets: AsyncIterable<Uint8Array>
  /** Of fields that stand before it. */
  readonly field: (name: string) => string
}

/** Fields of a form beside its file: few and short. */
const LIMITS = { files: 1, fields: 10, fieldSize: 1_000, fieldNameSize: 100, parts: 12, fileSize: MOST_OCTETS + 1 }

/** undefined: there is none, or it is no such form. silentMs: how long its beginning may take. */
export const postedFile = (request: Request, silentMs: number): Promise<PostedFile | undefined> =>
  new Promise((resolve) => {
    const type = request.headers.get("Content-Type") ?? ""
    if (request.body === null || !type.startsWith("multipart/form-data")) return resolve(undefined)
    const fields = new Map<string, string>()
    try {
      const form = busboy({ headers: { "content-type": type }, limits: LIMITS, defParamCharset: "utf8" })
      const source = Readable.fromWeb(request.body as never)
      const none = () => resolve(undefined)
      const timer = setTimeout(none, silentMs)
      form.on("field", (name, value) => void fields.set(name, value))
      form.on("file", (_, octets, { filename }) => {
        clearTimeout(timer)
        octets.on("error", () => {})
        // a form that was sent without one has an empty one
        if (filename === undefined || filename === "") {
          octets.resume()
          return none()
        }
        resolve({ name: filename, octets, field: (name) => fields.get(name) ?? "" })
      })
      // the file's own stream is told of what breaks: whoever reads it hears
      source.on("error", (error) => form.destroy(error))
      form.on("error", none)
      form.on("close", () => {
        clearTimeout(timer)
        none()
      })
      source.pipe(form)
    } catch {
      // no boundary
      resolve(undefined)
    }
  })
