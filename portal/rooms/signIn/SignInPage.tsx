import type { Child } from "hono/jsx"
import { Document } from "#portal/views/Document.tsx"
import { Field, sentence } from "#portal/views/Field.tsx"
import type { Visit } from "#portal/visit.ts"
import { DemoPeople } from "./DemoPeople.tsx"
import { Passkey } from "./Passkey.tsx"

/** Why somebody was not let in: a SignInError, or what is wrong with a passkey. */
export interface NotIn {
  readonly reason: string
  readonly message: string
  readonly waitSeconds?: number | undefined
}

/** The page of who is not in yet. */
export const Sheet = ({ children, title, visit }: { visit: Visit; title: string; children: Child }) => (
  <Document visit={visit} title={title}>
    <main id="content" class="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center gap-4 p-6">
      <p class="text-sm font-semibold text-muted-foreground">{visit.words.frame.product}</p>
      <h1 class="text-2xl font-semibold">{title}</h1>
      {children}
    </main>
  </Document>
)

/** In the reader's language where it can be foreseen. */
const said = ({ words }: Visit, { message, reason }: NotIn): string => {
  const known: Readonly<Record<string, string>> = words.signIn.refused
  return known[reason] ?? sentence(message)
}

/** Why it didn't work, read out at once. */
const Refusal = ({ error, visit }: { visit: Visit; error: NotIn | undefined }) =>
  error === undefined ? null : (
    <div id="refusal" role="alert" class="rounded-md border border-destructive p-3 text-sm">
      <p>{said(visit, error)}</p>
      {error.waitSeconds !== undefined && <p>{visit.words.signIn.locked(error.waitSeconds)}</p>}
    </div>
  )

export const SignInPage = ({
  email = "",
  error,
  to,
  visit
}: {
  visit: Visit
  to: string
  email?: string
  error?: NotIn
}) => {
  const words = visit.words.signIn
  return (
    <Sheet visit={visit} title={words.title}>
      <Refusal visit={visit} error={error} />
      <form method="post" action="/sign-in" class="flex flex-col gap-4">
        <input type="hidden" name="to" value={to} />
        <Field name="email" label={words.email}>
          <input
            id="email"
            name="email"
            type="email"
            class="input"
            autocomplete="username"
            required
            value={email}
            aria-describedby={error && "refusal"}
          />
        </Field>
        <Field name="password" label={words.password}>
          <input
            id="password"
            name="password"
            type="password"
            class="input"
            autocomplete="current-password"
            required
            aria-describedby={error && "refusal"}
          />
        </Field>
        <button type="submit" class="btn">
          {words.submit}
        </button>
      </form>
      <Passkey visit={visit} to={to} />
      <p>
        <a class="text-sm underline underline-offset-4" href="/forgot">
          {words.forgot}
        </a>
      </p>
      <DemoPeople visit={visit} to={to} />
    </Sheet>
  )
}

export const SecondFactorPage = ({ error, to, visit }: { visit: Visit; to: string; error?: NotIn }) => {
  const words = visit.words.signIn
  return (
    <Sheet visit={visit} title={words.secondFactor}>
      <Refusal visit={visit} error={error} />
      <form method="post" action="/sign-in/second-factor" class="flex flex-col gap-4">
        <input type="hidden" name="to" value={to} />
        <Field name="code" label={words.code} help={words.secondFactorHelp}>
          <input
            id="code"
            name="code"
            class="input"
            autocomplete="one-time-code"
            required
            aria-describedby="code-help"
          />
        </Field>
        <button type="submit" class="btn">
          {words.confirm}
        </button>
      </form>
      <Passkey visit={visit} to={to} />
      <p>
        <a class="text-sm underline underline-offset-4" href="/sign-in">
          {words.asAnother}
        </a>
      </p>
    </Sheet>
  )
}
