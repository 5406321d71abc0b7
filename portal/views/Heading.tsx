/** The head of a page: where it stands, what it is, its state, and what can be done with it. */
import type { Child } from "hono/jsx"

export const Heading = ({
  aside,
  children,
  title,
  up
}: {
  title: string
  /** What it is in, and where that is. */
  up?: { readonly href: string; readonly label: string }
  /** beside the title: its state */
  aside?: Child
  /** at the right: its buttons */
  children?: Child
}) => (
  <header class="flex flex-wrap items-center justify-between gap-3 pb-4">
    <div class="min-w-0">
      {up !== undefined && (
        <p class="text-sm text-muted-foreground">
          <a class="underline-offset-4 hover:underline" href={up.href}>
            <bdi>{up.label}</bdi>
          </a>{" "}
          /
        </p>
      )}
      <div class="flex flex-wrap items-center gap-3">
        <h1 class="min-w-0 text-2xl font-semibold break-words">
          <bdi>{title}</bdi>
        </h1>
        {aside}
      </div>
    </div>
    {children !== undefined && <div class="flex flex-wrap items-center gap-2">{children}</div>}
  </header>
)
