/**
 * Every page of somebody who has signed in: on the left the workspace in whose name they act, where else they may go and who they are; on
 * the right the page. On a narrow screen the left side is above.
 */
import type { Child } from "hono/jsx"
import { Line } from "#portal/live/Line.tsx"
import { Waiting } from "#portal/live/Waiting.tsx"
import type { Here, Person } from "#portal/visit.ts"
import { Document } from "./Document.tsx"

export const Frame = ({
  children,
  here,
  place,
  title
}: {
  here: Person | Here
  title: string
  /** Which entry of the menu this is. */
  place: "overview" | "campaigns" | "numbers" | "audit" | "moderation" | "senders" | "presets" | "members"
  children: Child
}) => {
  const { frame } = here.words
  const home = "workspace" in here ? `/w/${here.workspace.id}` : undefined
  return (
    <Document visit={here} title={title}>
      <div class="md:grid md:min-h-dvh md:grid-cols-[15rem_minmax(0,1fr)]">
        <nav class="flex flex-col gap-1 border-b p-3 md:border-r md:border-b-0" aria-label={frame.workspaces}>
          <Workspaces here={here} />
          {home !== undefined && (
            <>
              <Entry href={home} is={place === "overview"} keys="g o">
                {frame.overview}
              </Entry>
              <Entry href={`${home}/campaigns`} is={place === "campaigns"} keys="g c">
                {frame.campaigns}
              </Entry>
              {"workspace" in here && (here.workspace.role !== "author" || here.workspace.flagged) && (
                <Entry href={`${home}/moderation`} is={place === "moderation"} keys="g m">
                  {frame.moderation} <Waiting here={here} />
                </Entry>
              )}
              <Entry href={`${home}/senders`} is={place === "senders"} keys="g s">
                {frame.senders}
              </Entry>
              {"workspace" in here && here.workspace.role !== "author" && (
                <Entry href={`${home}/numbers`} is={place === "numbers"} keys="g n">
                  {frame.numbers}
                </Entry>
              )}
              <Entry href={`${home}/audit`} is={place === "audit"} keys="g a">
                {frame.audit}
              </Entry>
              <Entry href={`${home}/members`} is={place === "members"} keys="g u">
                {frame.members}
              </Entry>
            </>
          )}
          {here.me.super_admin && (
            <Entry href="/presets" is={place === "presets"} keys="g p">
              {frame.presets}
            </Entry>
          )}
          <form method="post" action="/sign-out" class="mt-auto flex items-center justify-between gap-2 pt-3 text-sm">
            <span class="truncate" title={here.me.email}>
              {here.me.name}
            </span>
            <button type="submit" class="btn-ghost">
              {frame.signOut}
            </button>
          </form>
        </nav>
        <main id="content" class="min-w-0 p-4 md:p-6">
          {children}
        </main>
        {"workspace" in here && <Line here={here} />}
      </div>
    </Document>
  )
}

const Entry = ({ children, href, is, keys }: { href: string; is: boolean; keys: string; children: Child }) => (
  <a
    href={href}
    data-keys={keys}
    aria-current={is ? "page" : undefined}
    class="rounded-md px-3 py-1.5 hover:bg-muted aria-[current=page]:bg-muted aria-[current=page]:font-semibold"
  >
    {children}
  </a>
)

/** Its name is the first thing on every page, so that nobody wonders in whose name they act. */
const Workspaces = ({ here }: { here: Person | Here }) => {
  const now = "workspace" in here ? here.workspace : undefined
  const others = here.workspaces.filter((one) => one.id !== now?.id)
  const name = now?.name ?? here.words.frame.choose
  if (others.length === 0) return <p class="px-3 py-1.5 font-semibold">{name}</p>
  return (
    <details class="group">
      <summary class="cursor-pointer rounded-md px-3 py-1.5 font-semibold hover:bg-muted">{name}</summary>
      <ul class="flex flex-col py-1">
        {others.map((one) => (
          <li>
            <a href={`/w/${one.id}`} class="block rounded-md px-3 py-1.5 hover:bg-muted">
              {one.name}
            </a>
          </li>
        ))}
      </ul>
    </details>
  )
}
