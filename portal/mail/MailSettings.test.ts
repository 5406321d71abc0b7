import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Redacted } from "effect"
import { configWords } from "#schema/DatabaseUrl.ts"
import { Mail } from "./Mail.ts"
import { serverIn } from "./MailSettings.ts"

const given = (env: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromUnknown(env))

/** In what words the layer is not built. */
const refusal = (env: Record<string, string>) =>
  Effect.map(Effect.flip(Effect.scoped(Layer.build(Layer.provide(Mail.layer, given(env))))), (error) => ({
    words: configWords(error),
    all: `${error} ${JSON.stringify(error)}`
  }))

describe("the settings of mail", () => {
  it.effect("that are nonsense are refused by name, without their value", () =>
    Effect.gen(function* () {
      const from = "sms@sample.example"
      for (const url of ["nonsense", "http://x:sesame@host", "smtp:sesame", "smtp://u:sesame@:25", "smtp://"]) {
        const { all, words } = yield* refusal({ SMTP_URL: url, MAIL_FROM: from })
        assert.strictEqual(
          words,
          "SMTP_URL is no address of a mail server; it should look like smtp://user:password@host:587."
        )
        for (const part of ["nonsense", "sesame"]) assert.notInclude(all, part)
      }
      const odd = yield* refusal({ SMTP_URL: "smtp://u:sesame@host?requireTLS=never", MAIL_FROM: from })
      assert.strictEqual(odd.words, "SMTP_URL says requireTLS, which is true or false.")
      for (const sender of [
        "sesame",
        "sesame@",
        "a <b> c@d",
        "a@b, c@d",
        "a\r\nBcc: x <a@b>",
        "Countersign sms@x.org"
      ]) {
        const { all, words } = yield* refusal({ SMTP_URL: "smtp://host", MAIL_FROM: sender })
        assert.strictEqual(words, "MAIL_FROM is no e-mail address; it should look like Countersign <sms@example.org>.")
        assert.notInclude(all, sender)
      }
    })
  )

  it.effect("ask for encryption, unless the server is on this machine or they say otherwise", () =>
    Effect.gen(function* () {
      for (const [url, asked] of [
        ["smtp://u:p@mail.example:587", true],
        ["smtp://u:p@localhost.example", true],
        ["smtp://u:p@127.0.0.1.example", true],
        ["smtps://u:p@mail.example", true],
        ["smtp://mail.example?requireTLS=false", false],
        ["smtp://localhost:25", false],
        ["smtp://127.0.0.2", false],
        ["smtp://[::1]:25", false],
        ["smtp://localhost?requireTLS=true", true]
      ] as const) {
        const server = yield* Effect.provide(serverIn("SMTP_URL"), given({ SMTP_URL: url }))
        assert.strictEqual(server.requireTLS, asked, url)
        assert.notInclude(Redacted.value(server.url), "requireTLS")
      }
    })
  )
})
