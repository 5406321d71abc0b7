/** Why somebody was not let in: one error for everything by which people show who they are. */
import { Schema } from "effect"
import { type SqlError, serverField } from "#schema/Database.ts"
import { Refused, refused } from "#schema/Refused.ts"

export class SignInError extends Schema.TaggedError<SignInError>()("SignInError", {
  reason: Schema.Literals([
    // said by the database
    ...Refused.fields.reason.literals,
    /** or there is no such account: in the same words, after the same work */
    "WrongPassword",
    "WrongCode",
    /** too short, too common … to be taken as a new one */
    "WeakPassword",
    /** more people sign in at this moment than passwords can be checked */
    "Busy"
  ]),
  message: Schema.String,
  /** Locked: the seconds until the next attempt. */
  waitSeconds: Schema.optional(Schema.Int)
}) {}

/** What the database refused, in its words. */
export const said = (error: SqlError | SignInError): SignInError => {
  if (error._tag === "SignInError") return error
  const { message, reason } = refused(error)
  const seconds = reason === "Locked" ? serverField(error, "detail") : undefined
  return new SignInError({ reason, message, ...(seconds !== undefined && { waitSeconds: Number(seconds) }) })
}
