/** Русский. */
import type { Words } from "../words.ts"
import { audience } from "./ru/audience.ts"
import { audit } from "./ru/audit.ts"
import { campaign } from "./ru/campaign.ts"
import { campaigns } from "./ru/campaigns.ts"
import { errors } from "./ru/errors.ts"
import { evidence } from "./ru/evidence.ts"
import { frame } from "./ru/frame.ts"
import { live } from "./ru/live.ts"
import { members } from "./ru/members.ts"
import { moderation } from "./ru/moderation.ts"
import { numbers } from "./ru/numbers.ts"
import { overview } from "./ru/overview.ts"
import { presets } from "./ru/presets.ts"
import { senders } from "./ru/senders.ts"
import { signIn } from "./ru/signIn.ts"
import { states } from "./ru/states.ts"
import { wizard } from "./ru/wizard.ts"

export const ru: Words = {
  locale: "ru",
  itself: "Русский",
  frame,
  signIn,
  states,
  audience,
  audit,
  campaign,
  campaigns,
  live,
  numbers,
  overview,
  evidence,
  members,
  moderation,
  senders,
  presets,
  wizard,
  errors
}
