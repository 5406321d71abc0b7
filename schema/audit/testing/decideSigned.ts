/** Decisions signed with a passkey, in a database: as the access role leaves them when it has checked the device's answer. */
import { Effect } from "effect"
import { fingerprint } from "#schema/campaign/Campaigns.ts"
import { SqlClient } from "#schema/Database.ts"
import { actAs } from "#schema/people/Acting.ts"
import type { SampleWorkspace } from "#schema/testing/sampleCampaign.ts"
import { SoftAuthenticator } from "./SoftAuthenticator.ts"

const site = { rpId: "sms.example", origin: "https://sms.example" }

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "base64url"))

export interface Signer {
  readonly personId: number
  readonly device: SoftAuthenticator
  readonly passkeyId: number
}

/** A person's new passkey. */
export const enrol = Effect.fnUntraced(function* (personId: number) {
  const sql = yield* SqlClient
  const device = new SoftAuthenticator(site)
  const [key] = yield* sql<{ id: number }>`
    INSERT INTO passkey (person_id, credential_id, public_key, name)
    VALUES (${personId}, ${device.credentialId}, ${device.publicKey}, 'Test') RETURNING id`
  return { personId, device, passkeyId: key!.id } satisfies Signer
})

/** What the device answers about approving a campaign, kept; gives its id. */
const assertion = Effect.fnUntraced(function* ({ device, passkeyId, personId }: Signer, challenge: string) {
  const sql = yield* SqlClient
  const { response } = device.assert(Buffer.from(challenge, "hex").toString("base64url"))
  const [kept] = yield* sql<{ id: number }>`
    INSERT INTO assertion (person_id, passkey_id, challenge, client_data_json, authenticator_data, signature, rp_id, origin)
    VALUES (${personId}, ${passkeyId}, decode(${challenge}, 'hex'), ${bytes(response.clientDataJSON)},
            ${bytes(response.authenticatorData)}, ${bytes(response.signature)}, ${site.rpId}, ${site.origin}) RETURNING id`
  return kept!.id
})

/** Approves a campaign that is in review; `then` in the same transaction. */
export const approveSigned = Effect.fnUntraced(function* (
  { workspaceId }: SampleWorkspace,
  signer: Signer,
  campaignId: number,
  then: Effect.Effect<unknown> = Effect.void
) {
  const sql = yield* SqlClient
  const as = actAs(signer.personId, workspaceId)
  const [challenge] = yield* as(
    sql<{ text: string }>`SELECT encode(decision_challenge(${campaignId}, 'approve'), 'hex') AS text`
  )
  const kept = yield* assertion(signer, challenge!.text)
  const approved = yield* fingerprint(campaignId)
  yield* as(
    Effect.andThen(
      sql`SELECT decide_campaign(${campaignId}, 'approve', decode(${approved}, 'hex'), NULL, ${kept})`,
      then
    )
  )
})
