/** Русский. */
import type { Words } from "../words.ts"
import { campaigns } from "./ru/campaigns.ts"
import { errors } from "./ru/errors.ts"
import { frame } from "./ru/frame.ts"
import { overview } from "./ru/overview.ts"
import { signIn } from "./ru/signIn.ts"
import { states } from "./ru/states.ts"

export const ru: Words = {
  locale: "ru",
  itself: "Русский",
  frame,
  signIn,
  states,
  campaigns,
  overview,
  errors
}
