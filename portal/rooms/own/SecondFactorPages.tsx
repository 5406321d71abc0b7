/** Setting up a second factor: the device's key, shown once, and then the recovery codes, shown once. */

import { Redacted } from "effect"
import { generate } from "lean-qr"
import type { Enrolment } from "#portal/access/SecondFactor.ts"
import { Field, Refusal } from "#portal/views/Field.tsx"
import { Frame } from "#portal/views/Frame.tsx"
import { Heading } from "#portal/views/Heading.tsx"
import type { Person } from "#portal/visit.ts"

/** enrolment: undefined once its key has been shown and a code of it was wrong. */
export const DevicePage = ({
  enrolment,
  said,
  who
}: {
  who: Person
  enrolment: Enrolment | undefined
  said?: string | undefined
}) => {
  const words = who.words.own
  return (
    <Frame here={who} title={words.secondFactor} place="own">
      <Heading title={words.secondFactor} up={{ href: "/me", label: words.title }} />
      <div class="grid max-w-md gap-5">
        <Refusal said={said} />
        {enrolment !== undefined && (
          <>
            <p>{words.scan}</p>
            <Picture text={Redacted.value(enrolment.uri)} label={words.picture} />
            <div>
              <p class="text-sm text-muted-foreground">{words.key}</p>
              <code class="font-mono break-words select-all">{inFours(Redacted.value(enrolment.secret))}</code>
            </div>
          </>
        )}
        <form method="post" action="/me/second-factor/confirm" class="flex flex-wrap items-end gap-2">
          <Field name="code" label={words.code}>
            <input id="code" name="code" class="input" required inputmode="numeric" autocomplete="one-time-code" />
          </Field>
          <button type="submit" class="btn">
            {words.confirm}
          </button>
        </form>
        {enrolment === undefined && (
          <form method="post" action="/me/second-factor">
            <button type="submit" class="btn-outline">
              {words.again}
            </button>
          </form>
        )}
      </div>
    </Frame>
  )
}

const inFours = (key: string): string => key.replaceAll(/(.{4})(?=.)/g, "$1 ")

/** Modules around it that are left white (ISO/IEC 18004, 6.3.8). */
const QUIET = 4

/** Black on white whatever the theme: cameras read no other. */
const Picture = ({ label, text }: { text: string; label: string }) => {
  const code = generate(text)
  const rows = Array.from({ length: code.size }, (_, y) => {
    const path: Array<string> = []
    for (let x = 0; x < code.size; x++) if (code.get(x, y)) path.push(`M${x + QUIET} ${y + QUIET}h1v1h-1z`)
    return path.join("")
  })
  const side = code.size + 2 * QUIET
  return (
    <svg viewBox={`0 0 ${side} ${side}`} width="240" height="240" role="img" aria-label={label}>
      <rect width={side} height={side} fill="#fff" />
      <path d={rows.join("")} fill="#000" shape-rendering="crispEdges" />
    </svg>
  )
}

export const CodesPage = ({ codes, who }: { who: Person; codes: ReadonlyArray<Redacted.Redacted<string>> }) => {
  const words = who.words.own
  return (
    <Frame here={who} title={words.codes} place="own">
      <Heading title={words.codes} up={{ href: "/me", label: words.title }} />
      <div class="grid max-w-md gap-5">
        <p>{words.codesHelp}</p>
        <ul class="grid grid-cols-2 gap-2 rounded-md border p-4">
          {codes.map((code) => (
            <li>
              <code class="font-mono select-all">{Redacted.value(code)}</code>
            </li>
          ))}
        </ul>
        <div class="flex flex-wrap gap-2">
          <a class="btn" href="/me">
            {words.kept}
          </a>
          <form method="post" action="/me/recovery-codes/file">
            <input type="hidden" name="codes" value={codes.map(Redacted.value).join(" ")} autocomplete="off" />
            <button type="submit" class="btn-outline">
              {words.download}
            </button>
          </form>
        </div>
      </div>
    </Frame>
  )
}
