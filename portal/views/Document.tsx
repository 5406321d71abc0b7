/** The outermost of every page: its head, its language, its theme. No script or style stands in it. */
import type { Child } from "hono/jsx"
import type { Visit } from "#portal/visit.ts"

/** htmx as we want it: nothing inline, nothing from elsewhere, and no code in attributes. */
const HTMX = '{"includeIndicatorCSS":false,"mode":"same-origin","transitions":false}'

export const Document = ({ children, title, visit }: { visit: Visit; title: string; children: Child }) => (
  <html lang={visit.language} data-theme={visit.theme} class={visit.theme === "dark" ? "dark" : undefined}>
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content={visit.theme ?? "light"} />
      <meta name="htmx-config" content={HTMX} />
      <title>{`${title} · ${visit.words.frame.product}`}</title>
      <link rel="icon" href={visit.href("icon.svg")} type="image/svg+xml" />
      <link rel="stylesheet" href={visit.href("portal.css")} />
      <script src={visit.href("portal.js")} defer />
    </head>
    <body>
      <a class="sr-only focus:not-sr-only" href="#content">
        {visit.words.frame.skip}
      </a>
      {visit.c.get("demo") !== undefined && (
        <p class="bg-amber-100 px-4 py-1 text-center text-sm text-amber-950 dark:bg-amber-950 dark:text-amber-100">
          {visit.words.frame.demo}
        </p>
      )}
      {children}
    </body>
  </html>
)
