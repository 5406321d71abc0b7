/** The keys that lead somewhere: shown by `?`, or by its button. The script fills in those that the page has (scripts/portal.js). */
import type { Visit } from "#portal/visit.ts"

export const Shortcuts = ({ visit }: { visit: Visit }) => {
  const { frame } = visit.words
  return (
    <dialog
      id="shortcuts"
      aria-labelledby="shortcuts-title"
      class="m-auto w-full max-w-md rounded-md border bg-background p-6 text-foreground backdrop:bg-black/50"
    >
      <h2 id="shortcuts-title" class="pb-4 text-lg font-semibold">
        {frame.shortcuts}
      </h2>
      <dl class="grid grid-cols-[auto_1fr] items-baseline gap-x-6 gap-y-2 [&_dt]:font-mono" />
      <form method="dialog" class="pt-6">
        <button type="submit" class="btn-outline">
          {frame.close}
        </button>
      </form>
    </dialog>
  )
}

/** Where there is no script there are no keys: it shows the button. */
export const ShortcutsButton = ({ visit }: { visit: Visit }) => (
  <button
    type="button"
    hidden
    data-keys="?"
    data-opens="shortcuts"
    class="cursor-pointer rounded-md px-3 py-1.5 text-start text-sm text-muted-foreground hover:bg-muted max-md:hidden"
  >
    {visit.words.frame.shortcuts}
  </button>
)
