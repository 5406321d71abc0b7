/**
 * Presets: sender names of the installation, which a super admin grants to workspaces (rules/presets.sql). Where one is
 * granted, it is a sender like others, but for nobody there to change.
 */
import { Effect } from "effect"
import { SqlClient } from "#schema/Database.ts"
import { refused } from "#schema/Refused.ts"
import type { Address, Proposal } from "./Revisions.ts"

export interface NewPreset extends Proposal {
  /** Under which the workspaces will know it. */
  readonly label: string
}

/** Gives the new preset's id. It is never changed; another one is made. */
export const create = Effect.fn("Presets.create")(function* (preset: NewPreset) {
  const sql = yield* SqlClient
  const [made] = yield* sql<{ id: number }>`
    SELECT create_preset(${preset.label}, ${preset.saddr}, ${preset.reason}, ${preset.source_addr_ton ?? null},
      ${preset.source_addr_npi ?? null}, ${preset.dest_addr_ton ?? null}, ${preset.dest_addr_npi ?? null}) AS id`
  return made!.id
}, Effect.mapError(refused))

/**
 * Gives the revision that the workspace gets: approved when another super admin made the preset than who grants it, else
 * pending, for the workspace to decide on.
 */
export const grant = Effect.fn("Presets.grant")(function* (presetId: number, workspaceId: number) {
  const sql = yield* SqlClient
  const [made] = yield* sql<{ id: number }>`SELECT grant_preset(${presetId}, ${workspaceId}) AS id`
  return made!.id
}, Effect.mapError(refused))

/** Takes a grant back: nothing more is submitted with it, and what was submitted goes on. */
export const revoke = Effect.fn("Presets.revoke")(function* (presetId: number, workspaceId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT revoke_preset(${presetId}, ${workspaceId})`
}, Effect.mapError(refused))

/** Takes it back from everybody, for good. */
export const archive = Effect.fn("Presets.archive")(function* (presetId: number) {
  const sql = yield* SqlClient
  yield* sql`SELECT archive_preset(${presetId})`
}, Effect.mapError(refused))

export interface Preset extends Address {
  readonly id: number
  readonly label: string
  readonly reason: string
  readonly created_by: number
  readonly created_at: Date
  readonly archived_at: Date | null
  /** Workspaces, of those that one sees, to which it is granted now. */
  readonly granted_to: ReadonlyArray<number>
}

/** Those that one may see: all for a super admin who looks at everything, else what is granted here. By label. */
export const presets = Effect.fn("Presets.presets")(function* () {
  const sql = yield* SqlClient
  return yield* sql<Preset>`
    SELECT p.id, p.label, p.reason, p.created_by, p.created_at, p.archived_at,
           p.saddr, p.source_addr_ton, p.source_addr_npi, p.dest_addr_ton, p.dest_addr_npi,
           ARRAY(SELECT s.workspace_id FROM sender s WHERE s.preset_id = p.id AND s.revoked_at IS NULL ORDER BY 1) AS granted_to
      FROM preset p ORDER BY p.archived_at IS NOT NULL, p.label`
}, Effect.mapError(refused))
