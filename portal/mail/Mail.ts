/**
 * Mail to people, one at a time, by the server of SMTP_URL; without one each is a file of MAIL_FOLDER, to be read where the demo shows it.
 *
 * Promises: who posts waits for nothing, so that the time it takes tells nobody whether there was somebody to write to. At most 100
 * wait; what is more, or can't be delivered in three tries, is lost and said so in the log, without its text, for that may be a
 * key; people ask again. When the program ends, what waits has ten seconds to leave. No mail, and no password, goes to another machine
 * in clear.
 */
import { randomUUID } from "node:crypto"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Clock, Config, Context, Deferred, Effect, Layer, Option, Queue, Redacted, Schedule, Schema } from "effect"
import { createTransport } from "nodemailer"
import { type Server, senderIn, serverIn } from "./MailSettings.ts"

export interface Message {
  readonly to: { readonly name: string; readonly email: string }
  readonly subject: string
  readonly text: string
}

/** Brings one message on its way. */
export type Deliver = (message: Message) => Effect.Effect<void, MailError>

export class MailError extends Schema.TaggedError<MailError>()("MailError", {
  /** Refused: it will be again. */
  reason: Schema.Literals(["Refused", "NotReached", "Full"]),
  message: Schema.String
}) {}

interface Waiting {
  readonly message: Message
  readonly deliveredBy: Deferred.Deferred<void, MailError>
}

/** As many as a minute of a slow server. */
const MOST_WAITING = 100

export class Mail extends Context.Service<
  Mail,
  {
    readonly post: (message: Message) => Effect.Effect<void>
    /** The same, for who wants to know: ends when the mail has left, or is given up. */
    readonly send: (message: Message) => Effect.Effect<void, MailError>
    /** Waits until all that was posted before is delivered or given up. */
    readonly settled: Effect.Effect<void>
  }
>()("portal/mail/Mail") {
  /** Posts that way. */
  static readonly layerBy = (deliver: Deliver) =>
    Layer.effect(
      Mail,
      Effect.gen(function* () {
        const waiting = yield* Queue.dropping<Waiting | Deferred.Deferred<void>>(MOST_WAITING)
        const handle = (next: Waiting | Deferred.Deferred<void>) =>
          "message" in next
            ? Effect.flatMap(Effect.exit(delivered(deliver, next.message)), (exit) =>
                Deferred.done(next.deliveredBy, exit)
              )
            : Deferred.succeed(next, undefined)
        yield* Effect.forkScoped(Effect.forever(Effect.flatMap(Queue.take(waiting), handle)))
        const settled = Effect.gen(function* () {
          const reached = yield* Deferred.make<void>()
          if (yield* Queue.offer(waiting, reached)) yield* Deferred.await(reached)
        })
        yield* Effect.addFinalizer(() => Effect.ignore(Effect.timeout(settled, "10 seconds")))
        const taken = Effect.fnUntraced(function* (message: Message) {
          const deliveredBy = yield* Deferred.make<void, MailError>()
          if (yield* Queue.offer(waiting, { message, deliveredBy })) return deliveredBy
          const full = new MailError({ reason: "Full", message: `${MOST_WAITING} wait already` })
          yield* lost(message, full)
          return yield* full
        })
        return Mail.of({
          post: (message) => Effect.ignore(taken(message)),
          send: (message) => Effect.flatMap(taken(message), Deferred.await),
          settled
        })
      })
    )

  /** By the server of SMTP_URL in the name of MAIL_FROM (MailSettings.ts), or into MAIL_FOLDER, `data/mail` unless given. */
  static readonly layer = Layer.unwrap(
    Effect.gen(function* () {
      const server = yield* Config.option(serverIn("SMTP_URL"))
      if (Option.isSome(server)) return Mail.layerBy(bySmtp(server.value, yield* senderIn("MAIL_FROM")))
      const folder = yield* Config.withDefault(Config.String("MAIL_FOLDER"), "data/mail")
      yield* Effect.logWarning(`SMTP_URL is not set: mail is not sent, but written to ${folder}`)
      return Mail.layerBy(intoFolder(folder))
    })
  )
}

const delivered = (deliver: Deliver, message: Message) =>
  deliver(message).pipe(
    Effect.retry({ schedule: Schedule.exponential("1 second", 5), times: 2, while: (e) => e.reason === "NotReached" }),
    Effect.tapError((error) => lost(message, error))
  )

const lost = ({ to }: Message, { message }: MailError) => Effect.logError(`mail to ${to.email} is lost: ${message}`)

/** 10 seconds for each step of the server's. */
const TIMEOUT_MS = 10_000
const patience = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS }

const composed = (from: string, { subject, text, to }: Message) => ({
  from,
  to: { name: to.name, address: to.email },
  subject,
  text,
  // no answer by a machine (RFC 3834, 5)
  headers: { "Auto-Submitted": "auto-generated" }
})

/** As nodemailer throws it: ETLS where the connection can't be encrypted, which another try doesn't change. */
interface SmtpError {
  readonly message: string
  readonly code?: string
  readonly responseCode?: number
}

/** By a server. */
export const bySmtp = ({ requireTLS, url }: Server, from: string): Deliver => {
  const server = createTransport({ url: Redacted.value(url), requireTLS, ...patience })
  return (message) =>
    Effect.tryPromise({
      try: () => server.sendMail(composed(from, message)),
      catch: (cause) => {
        const { code, message: words, responseCode = 0 } = cause as SmtpError
        return new MailError({
          reason: responseCode >= 500 || code === "ETLS" ? "Refused" : "NotReached",
          message: words
        })
      }
    })
}

/** Into a folder: one file each, as it would be sent, for nobody else on the machine to read; named so that the newest is the last. */
export const intoFolder = (folder: string): Deliver => {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: "unix" })
  return Effect.fnUntraced(function* (message) {
    const at = new Date(yield* Clock.currentTimeMillis).toISOString().replaceAll(":", "")
    yield* Effect.tryPromise({
      try: async () => {
        const { message: whole } = await composer.sendMail(composed("Countersign <countersign@localhost>", message))
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await writeFile(join(folder, `${at}-${randomUUID().slice(0, 8)}.eml`), whole as Buffer, { mode: 0o600 })
      },
      catch: (cause) => new MailError({ reason: "NotReached", message: (cause as Error).message })
    })
  })
}
