/** English: a file a room. */
import { audience } from "./en/audience.ts"
import { audit } from "./en/audit.ts"
import { campaign } from "./en/campaign.ts"
import { campaigns } from "./en/campaigns.ts"
import { errors } from "./en/errors.ts"
import { evidence } from "./en/evidence.ts"
import { frame } from "./en/frame.ts"
import { live } from "./en/live.ts"
import { members } from "./en/members.ts"
import { moderation } from "./en/moderation.ts"
import { numbers } from "./en/numbers.ts"
import { overview } from "./en/overview.ts"
import { presets } from "./en/presets.ts"
import { senders } from "./en/senders.ts"
import { signIn } from "./en/signIn.ts"
import { states } from "./en/states.ts"
import { wizard } from "./en/wizard.ts"

export const en = {
  locale: "en",
  itself: "English",
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
