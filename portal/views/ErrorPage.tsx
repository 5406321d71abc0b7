/** What happened, and what to do: the whole of a page that could not be shown. */
import type { Visit } from "#portal/visit.ts"
import type { Words } from "#portal/words.ts"
import { Document } from "./Document.tsx"
import { sentence } from "./Field.tsx"

export type Wrong = keyof { [K in keyof Words["errors"] as Words["errors"][K] extends string ? never : K]: true }

export const ErrorPage = ({ said, visit, wrong }: { visit: Visit; wrong: Wrong; said?: string | undefined }) => {
  const { errors } = visit.words
  const { help, title } = errors[wrong]
  return (
    <Document visit={visit} title={title}>
      <main id="content" class="mx-auto flex min-h-dvh max-w-xl flex-col justify-center gap-3 p-6">
        <p class="text-sm font-medium text-muted-foreground">{errors.title}</p>
        <h1 class="text-2xl font-semibold">{title}</h1>
        {said !== undefined && <p>{sentence(said)}</p>}
        <p>{help}</p>
        {wrong === "Fault" && <p class="font-mono text-sm">{visit.request.request_id}</p>}
        <p class="pt-3">
          <a class="btn-outline" href={wrong === "SecondFactor" ? "/me" : "/"}>
            {wrong === "SecondFactor" ? visit.words.own.title : errors.back}
          </a>
        </p>
      </main>
    </Document>
  )
}
