/** Русский. */
import type { Words } from "../words.ts"
import { audience } from "./ru/audience.ts"
import { audit } from "./ru/audit.ts"
import { campaign } from "./ru/campaign.ts"
import { campaigns } from "./ru/campaigns.ts"
import { channels } from "./ru/channels.ts"
import { errors } from "./ru/errors.ts"
import { evidence } from "./ru/evidence.ts"
import { frame } from "./ru/frame.ts"
import { letters } from "./ru/letters.ts"
import { live } from "./ru/live.ts"
import { master } from "./ru/master.ts"
import { members } from "./ru/members.ts"
import { moderation } from "./ru/moderation.ts"
import { numbers } from "./ru/numbers.ts"
import { overview } from "./ru/overview.ts"
import { own } from "./ru/own.ts"
import { people } from "./ru/people.ts"
import { presets } from "./ru/presets.ts"
import { senders } from "./ru/senders.ts"
import { settings } from "./ru/settings.ts"
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
  master,
  members,
  settings,
  moderation,
  senders,
  people,
  presets,
  wizard,
  own,
  letters,
  channels,
  errors
}
