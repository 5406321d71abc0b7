import type { Cost } from "#portal/access/Passwords.ts"

/** The least that argon2 takes: what is tested is not how hard it is to guess. */
export const CHEAP: Cost = { memoryKiB: 8, passes: 1, lanes: 1 }
