/** Why the embedded server could not be had; `message` is fit for a newcomer's screen and says what to do. */
import { Schema } from "effect"

export class EmbeddedPostgresError extends Schema.TaggedError<EmbeddedPostgresError>()("EmbeddedPostgresError", {
  reason: Schema.Literals(["binaries", "user", "folder", "running", "port", "ending", "start"]),
  message: Schema.String
}) {}

/** For plain code below an Effect.try. */
export const refuse = (reason: EmbeddedPostgresError["reason"], message: string): never => {
  throw new EmbeddedPostgresError({ reason, message })
}
