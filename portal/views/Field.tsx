/** A field of a form: its label above, help below, what is wrong with it beside. */
import type { Child } from "hono/jsx"

/** The control itself stands inside and has `id={name}` and `aria-describedby={describedBy(…)}`. */
export const Field = ({
  children,
  error,
  help,
  label,
  name
}: {
  name: string
  label: string
  help?: string | undefined
  error?: string | undefined
  children: Child
}) => (
  <div class="grid gap-1.5">
    <label for={name} class="label">
      {label}
    </label>
    {children}
    {error !== undefined && (
      <p id={`${name}-error`} class="text-sm text-destructive">
        {error}
      </p>
    )}
    {help !== undefined && (
      <p id={`${name}-help`} class="text-sm text-muted-foreground">
        {help}
      </p>
    )}
  </div>
)

export const describedBy = (name: string, error?: string, help?: string): string | undefined =>
  [error && `${name}-error`, help && `${name}-help`].filter(Boolean).join(" ") || undefined

/** Why all of it was refused, read out at once. */
export const Refusal = ({ said }: { said: string | undefined }) =>
  said === undefined ? null : (
    <div id="refusal" role="alert" class="rounded-md border border-destructive p-3">
      <p>{sentence(said)}</p>
    </div>
  )

/** The database's refusals begin in lower case and have no full stop. */
export const sentence = (text: string): string =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? "" : "."}`
