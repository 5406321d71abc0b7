/** English: a file a room. */
import { audience } from "./en/audience.ts"
import { audit } from "./en/audit.ts"
import { campaign } from "./en/campaign.ts"
import { campaigns } from "./en/campaigns.ts"
import { channels } from "./en/channels.ts"
import { errors } from "./en/errors.ts"
import { evidence } from "./en/evidence.ts"
import { frame } from "./en/frame.ts"
import { letters } from "./en/letters.ts"
import { live } from "./en/live.ts"
import { master } from "./en/master.ts"
import { members } from "./en/members.ts"
import { moderation } from "./en/moderation.ts"
import { numbers } from "./en/numbers.ts"
import { overview } from "./en/overview.ts"
import { own } from "./en/own.ts"
import { people } from "./en/people.ts"
import { presets } from "./en/presets.ts"
import { senders } from "./en/senders.ts"
import { settings } from "./en/settings.ts"
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
