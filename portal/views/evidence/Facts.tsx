/** A part of the evidence: a card with its heading, and facts in it, each with its name. */
import type { Child } from "hono/jsx"

export const Part = ({ children, id, title }: { id: string; title: string; children: Child }) => (
  <section aria-labelledby={id} class="grid grid-cols-1 gap-3 rounded-md border p-4">
    <h2 id={id} class="text-lg font-semibold">
      {title}
    </h2>
    {children}
  </section>
)

/** id and htmx: of those that are asked for again by themselves. */
export const Facts = ({
  children,
  htmx = {},
  id
}: {
  id?: string
  htmx?: Readonly<Record<string, string>>
  children: Child
}) => (
  <dl id={id} class="grid gap-x-6 gap-y-2 sm:grid-cols-[minmax(8rem,14rem)_minmax(0,1fr)]" {...htmx}>
    {children}
  </dl>
)

export const Fact = ({ children, name }: { name: string; children: Child }) => (
  <div class="sm:contents">
    <dt class="text-muted-foreground">{name}</dt>
    <dd class="min-w-0 break-words">{children}</dd>
  </div>
)
