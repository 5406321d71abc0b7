/** English: a file a room. */
import { campaigns } from "./en/campaigns.ts"
import { errors } from "./en/errors.ts"
import { frame } from "./en/frame.ts"
import { overview } from "./en/overview.ts"
import { signIn } from "./en/signIn.ts"
import { states } from "./en/states.ts"

export const en = {
  locale: "en",
  itself: "English",
  frame,
  signIn,
  states,
  campaigns,
  overview,
  errors
}
