/** Signing in by passkey, which is both factors: also for who has given a password, and has no other second factor. */
import type { Visit } from "#portal/visit.ts"

/** The device is asked by scripts/passkey.js. */
export const Passkey = ({ to, visit }: { visit: Visit; to: string }) => {
  const words = visit.words.signIn
  return (
    <form method="post" action="/sign-in/passkey" class="grid gap-2">
      <input type="hidden" name="to" value={to} />
      <input type="hidden" name="assertion" value="" autocomplete="off" />
      <button
        type="submit"
        class="btn-outline"
        data-passkey="/sign-in/passkey/options"
        data-cancelled={words.passkeyCancelled}
        data-failed={words.passkeyFailed}
      >
        {words.passkey}
      </button>
      <p role="status" class="text-sm text-destructive" data-passkey-said />
    </form>
  )
}
