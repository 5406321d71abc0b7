/**
 * What the database refused, told apart by SQLSTATE and said in its own words, which are made for people: every rule stands
 * in rules/, and raises one of these.
 */
import { Schema } from "effect"
import { type SqlError, sqlMessage, sqlState } from "./Database.ts"

export class Refused extends Schema.TaggedError<Refused>()("Refused", {
  reason: Schema.Literals([
    /** nobody acts: no session, or one that has ended or lacks its second factor */
    "NotSignedIn",
    "Forbidden",
    /** there is none, or it is not theirs to see: in the same words */
    "NotFound",
    /** not from the state in which it is */
    "Conflict",
    "Invalid",
    /** tried too often; wait */
    "Locked",
    "NotApproved",
    "NotItsTime",
    "DatabaseGone"
  ]),
  message: Schema.String
}) {}

const REASONS = {
  CS001: "NotApproved",
  CS002: "NotItsTime",
  CS401: "NotSignedIn",
  CS403: "Forbidden",
  CS404: "NotFound",
  CS409: "Conflict",
  CS422: "Invalid",
  CS429: "Locked",
  /** what no role of ours may do at all, before any rule is asked */
  "42501": "Forbidden"
} as const

/** 22: data that can't be read; 23: what a constraint of a table refuses, before any rule said it better. */
const isInput = (state: string | undefined): boolean => /^2[23]/.test(state ?? "")

export const refused = (error: SqlError): Refused => {
  const state = sqlState(error)
  return new Refused({
    reason: REASONS[state as keyof typeof REASONS] ?? (isInput(state) ? "Invalid" : "DatabaseGone"),
    message: sqlMessage(error)
  })
}
