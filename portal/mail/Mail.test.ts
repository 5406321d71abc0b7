/** Mail against a real server, and without one. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Fiber, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import { SMTPServer } from "smtp-server"
import { type Deliver, Mail, MailError, type Message } from "./Mail.ts"

const message = (n = 1): Message => ({
  to: { name: `Łucja "Lu" ${n}`, email: `lucja${n}@sample.example` },
  subject: "Set a new password",
  text: "Open this:\n\nhttps://sms.example/reset/0123456789"
})

/** A folder for as long as the scope lives. */
const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "countersign-test-mail-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

/** A mail server for as long as the scope lives; it refuses for good whoever's address begins with `gone`. */
const mailServer = Effect.acquireRelease(
  Effect.callback<{ port: number; url: string; received: Array<string>; passwords: Array<string>; server: SMTPServer }>(
    (resume) => {
      const received: Array<string> = []
      const passwords: Array<string> = []
      const server = new SMTPServer({
        authOptional: true,
        allowInsecureAuth: true,
        disabledCommands: ["STARTTLS"],
        onAuth: ({ password }, _session, done) => {
          passwords.push(password!)
          done(null, { user: "somebody" })
        },
        onRcptTo: ({ address }, _session, done) =>
          done(address.startsWith("gone") ? Object.assign(new Error("no such mailbox"), { responseCode: 550 }) : null),
        onData: (stream, _session, done) => {
          let text = ""
          stream.setEncoding("utf8")
          stream.on("data", (part: string) => {
            text += part
          })
          stream.on("end", () => {
            received.push(text)
            done()
          })
        }
      })
      server.listen(0, "0.0.0.0", () => {
        const { port } = server.server.address() as AddressInfo
        resume(Effect.succeed({ port, url: `smtp://127.0.0.1:${port}`, received, passwords, server }))
      })
    }
  ),
  ({ server }) => Effect.callback<void>((resume) => void server.close(() => resume(Effect.void)))
)

const environment = (env: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromUnknown(env))

/** Posts these and waits until they are gone. */
const post = (messages: ReadonlyArray<Message>) =>
  Effect.gen(function* () {
    const mail = yield* Mail
    yield* Effect.forEach(messages, mail.post)
    yield* mail.settled
  })

/** What is logged meanwhile. */
const logged = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const lines: Array<string> = []
  const logger = Logger.make(({ message }) => void lines.push(String(message)))
  yield* Effect.provide(effect, Logger.layer([logger]))
  return lines
})

describe("mail", () => {
  it.live("goes to the server of SMTP_URL, in the name of MAIL_FROM", () =>
    Effect.gen(function* () {
      const { received, url } = yield* mailServer
      const env = environment({ SMTP_URL: url, MAIL_FROM: "Countersign <sms@sample.example>" })
      yield* Effect.provide(post([message()]), Layer.provide(Mail.layer, env))
      const [mail] = received
      assert.lengthOf(received, 1)
      assert.include(mail, "From: Countersign <sms@sample.example>")
      assert.include(mail, "<lucja1@sample.example>")
      assert.include(mail, "Auto-Submitted: auto-generated")
      assert.include(mail, "https://sms.example/reset/0123456789")
    }).pipe(Effect.scoped)
  )

  it.live(
    "that a server refuses for good is not tried again, and lost with a word in the log, which is not its text; others leave",
    () =>
      Effect.gen(function* () {
        const { received, url } = yield* mailServer
        const env = environment({ SMTP_URL: url, MAIL_FROM: "sms@sample.example" })
        const refused = { ...message(), to: { name: "Gone", email: "gone@sample.example" } }
        const lines = yield* logged(Effect.provide(post([refused, message()]), Layer.provide(Mail.layer, env)))
        assert.lengthOf(received, 1)
        assert.lengthOf(lines, 1)
        assert.match(lines[0]!, /^mail to gone@sample\.example is lost: .*no such mailbox/)
        assert.notInclude(lines[0], "reset")
      }).pipe(Effect.scoped)
  )

  it.live("without SMTP_URL is a file each in MAIL_FOLDER, which only their owner reads", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "mail")
      const lines = yield* logged(
        Effect.provide(post([message(1), message(2)]), Layer.provide(Mail.layer, environment({ MAIL_FOLDER: folder })))
      )
      assert.deepStrictEqual(lines, [`SMTP_URL is not set: mail is not sent, but written to ${folder}`])
      const names = readdirSync(folder)
      assert.lengthOf(names, 2)
      for (const name of names) {
        assert.include(readFileSync(join(folder, name), "utf8"), "https://sms.example/reset/0123456789")
        assert.strictEqual(statSync(join(folder, name)).mode & 0o777, 0o600)
      }
    }).pipe(Effect.scoped)
  )

  it.live("and its password go in clear to a server on this machine, or where SMTP_URL says so, and nowhere else", () =>
    Effect.gen(function* () {
      const { passwords, port, received } = yield* mailServer
      const to = (where: string) =>
        logged(
          Effect.provide(
            post([message()]),
            Layer.provide(Mail.layer, environment({ SMTP_URL: where, MAIL_FROM: "sms@sample.example" }))
          )
        )
      // every address of this machine, and none that is known to be
      const [lost] = yield* to(`smtp://somebody:sesame@0.0.0.0:${port}`)
      assert.match(lost!, /^mail to lucja1@sample\.example is lost: /)
      assert.deepStrictEqual([received, passwords], [[], []])
      yield* to(`smtp://somebody:sesame@127.0.0.1:${port}?requireTLS=true`)
      assert.deepStrictEqual([received, passwords], [[], []])
      for (const where of [`127.0.0.1:${port}`, `0.0.0.0:${port}?requireTLS=false`]) {
        assert.deepStrictEqual(yield* to(`smtp://somebody:sesame@${where}`), [])
      }
      assert.deepStrictEqual([received.length, passwords], [2, ["sesame", "sesame"]])
    }).pipe(Effect.scoped)
  )

  it.live("that somebody waits for is told to have left, or why it did not", () =>
    Effect.gen(function* () {
      const { received, url } = yield* mailServer
      const env = environment({ SMTP_URL: url, MAIL_FROM: "sms@sample.example" })
      yield* Effect.gen(function* () {
        const mail = yield* Mail
        yield* mail.send(message())
        assert.lengthOf(received, 1)
        const gone = { ...message(), to: { name: "Gone", email: "gone@sample.example" } }
        const [why] = yield* Effect.all([Effect.flip(mail.send(gone))])
        assert.strictEqual(why.reason, "Refused")
      }).pipe(Effect.provide(Layer.provide(Mail.layer, env)), logged)
    }).pipe(Effect.scoped)
  )

  it.live("with SMTP_URL wants to know in whose name", () =>
    Effect.gen(function* () {
      const env = environment({ SMTP_URL: "smtp://127.0.0.1:1" })
      const error = yield* Effect.flip(Effect.provide(post([]), Layer.provide(Mail.layer, env)))
      assert.include(String(error), "MAIL_FROM")
    })
  )

  it.effect("that does not reach the server is tried three times within some seconds", () =>
    Effect.gen(function* () {
      let tries = 0
      const deliver: Deliver = () =>
        Effect.suspend(() => Effect.fail(new MailError({ reason: "NotReached", message: `try ${++tries}` })))
      const work = Effect.provide(post([message()]), Mail.layerBy(deliver))
      const fiber = yield* Effect.forkChild(logged(work), { startImmediately: true })
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* Fiber.join(fiber), ["mail to lucja1@sample.example is lost: try 3"])
    })
  )

  it.effect("keeps nobody waiting who posts: what is more than a hundred is lost, with a word in the log", () =>
    Effect.gen(function* () {
      const delivered: Array<string> = []
      const deliver: Deliver = ({ to }) => Effect.as(Effect.never, delivered.push(to.email))
      const lines = yield* logged(
        Effect.gen(function* () {
          const mail = yield* Mail
          for (let i = 0; i < 150; i++) yield* mail.post(message(i))
        }).pipe(
          Effect.provide(Mail.layerBy(deliver)),
          Effect.forkChild({ startImmediately: true }),
          Effect.flatMap((fiber) => Effect.andThen(TestClock.adjust("1 minute"), Fiber.await(fiber)))
        )
      )
      assert.isAtLeast(lines.length, 49)
      assert.isAtMost(lines.length, 50)
      assert.match(lines.at(-1)!, /is lost: 100 wait already$/)
    })
  )

  it.effect("that waits when the program ends still leaves", () =>
    Effect.gen(function* () {
      const delivered: Array<string> = []
      const deliver: Deliver = ({ to }) => Effect.sync(() => void delivered.push(to.email))
      yield* Effect.provide(
        Effect.flatMap(Mail, (mail) => Effect.forEach([message(1), message(2)], mail.post)),
        Mail.layerBy(deliver)
      )
      assert.lengthOf(delivered, 2)
    })
  )
})
