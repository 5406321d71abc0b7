/** The note of a decision that somebody else was faster with: there is no form any more to keep it, and it may be long. */
import type { Here } from "#portal/visit.ts"

export const Unsent = ({ here, note }: { here: Here; note: string | undefined }) =>
  note === undefined || note === "" ? null : (
    <div class="grid gap-1">
      <p class="text-muted-foreground">{here.words.moderation.unsent}</p>
      <blockquote dir="auto" class="border-l-4 pl-3 break-words whitespace-pre-wrap">
        {note}
      </blockquote>
    </div>
  )
