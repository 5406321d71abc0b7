/** Where there is nothing: what would be here, and how to begin. */
import type { Child } from "hono/jsx"

export const Empty = ({ children, help, title }: { title: string; help: string; children?: Child }) => (
  <div class="rounded-md border border-dashed p-8 text-center">
    <p class="font-semibold">{title}</p>
    <p class="text-muted-foreground">{help}</p>
    {children}
  </div>
)
