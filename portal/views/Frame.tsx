/**
 * Every page of somebody who has signed in: on the left the workspace in whose name they act, where else they may go and who they are; on
 * the right the page. On a telephone the left side is above, its menu closed.
 */
import type { Child } from "hono/jsx"
import { Line } from "#portal/live/Line.tsx"
import { Waiting } from "#portal/live/Waiting.tsx"
import type { Here, Person } from "#portal/visit.ts"
import { Document } from "./Document.tsx"
import { Shortcuts, ShortcutsButton } from "./Shortcuts.tsx"
import { Workspaces } from "./Workspaces.tsx"

export const Frame = ({
  children,
  here,
  place,
  title
}: {
  here: Person | Here
  title: string
  /** Which entry of the menu this is. */
  place:
    | "overview"
    | "campaigns"
    | "numbers"
    | "audit"
    | "moderation"
    | "senders"
    | "presets"
    | "channels"
    | "people"
    | "workspaces"
    | "members"
    | "settings"
    | "own"
    | "master"
    | "home"
  children: Child
}) => {
  const { frame } = here.words
  const home = "workspace" in here ? `/w/${here.workspace.id}` : undefined
  return (
    <Document visit={here} title={title}>
      <div class="md:grid md:min-h-dvh md:grid-cols-[15rem_minmax(0,1fr)]">
        <nav
          class="grid grid-cols-[minmax(0,1fr)_auto] gap-2 border-b p-3 md:flex md:flex-col md:border-e md:border-b-0"
          aria-label={frame.menu}
        >
          <Workspaces here={here} isMaster={place === "master"} />
          {/* on a telephone the menu is behind a box that is ticked: it needs no script */}
          <input id="menu" type="checkbox" class="peer sr-only md:hidden" />
          <label
            for="menu"
            class="btn-outline col-start-2 row-start-1 md:hidden peer-checked:bg-muted peer-focus-visible:ring-2 peer-focus-visible:ring-ring"
          >
            {frame.menu}
          </label>
          <div class="col-span-2 hidden flex-col gap-1 peer-checked:flex md:flex md:flex-1">
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
                {"workspace" in here && (here.workspace.role === "admin" || here.workspace.role === "super_admin") && (
                  <Entry href={`${home}/settings`} is={place === "settings"} keys="g ,">
                    {frame.settings}
                  </Entry>
                )}
              </>
            )}
            {here.me.super_admin && (
              <>
                <Entry href="/presets" is={place === "presets"} keys="g p">
                  {frame.presets}
                </Entry>
                <Entry href="/channels" is={place === "channels"} keys="g h">
                  {here.words.channels.title}
                </Entry>
                <Entry href="/master/workspaces" is={place === "workspaces"} keys="g w">
                  {here.words.people.manage}
                </Entry>
                <Entry href="/master/people" is={place === "people"} keys="g e">
                  {here.words.people.title}
                </Entry>
              </>
            )}
            <div class="mt-auto" />
            <ShortcutsButton visit={here} />
            <form method="post" action="/sign-out" class="flex items-center justify-between gap-2 pt-3 text-sm">
              <a
                href="/me"
                aria-current={place === "own" ? "page" : undefined}
                class="truncate rounded-md px-3 py-1.5 hover:bg-muted aria-[current=page]:bg-muted aria-[current=page]:font-semibold"
                title={here.me.email}
              >
                <bdi>{here.me.name}</bdi>
              </a>
              <button type="submit" class="btn-ghost">
                {frame.signOut}
              </button>
            </form>
          </div>
        </nav>
        <main id="content" class="min-w-0 p-4 md:p-6">
          {children}
        </main>
        {"workspace" in here && <Line here={here} />}
        <Shortcuts visit={here} />
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
