import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { checkNew } from "./PasswordRules.ts"

const person = { name: "Łucja Okonkwo-Weber", email: "l.okonkwo@northwind.example" }

const taken = (password: string) =>
  Effect.match(checkNew(Redacted.make(password), person), { onSuccess: () => "taken", onFailure: (e) => e.message })

const refused = (passwords: ReadonlyArray<string>, words: RegExp) =>
  Effect.forEach(passwords, (password) =>
    Effect.map(taken(password), (answer) => assert.match(answer, words, password))
  )

describe("a new password", () => {
  it.effect("is any twelve characters that others would not guess, of whatever kind", () =>
    Effect.forEach(
      [
        "mauve staples grazing",
        "kitchen seven violin",
        "Ω≈ç√∫˜µ≤≥÷åß",
        "пять жёлтых слонов",
        "x7#Kq!v0Lm2$",
        "correct pony battery stable",
        "7301948265913082"
      ],
      (password) => Effect.map(taken(password), (answer) => assert.strictEqual(answer, "taken", password))
    )
  )

  it.effect("has from 12 to 256 characters, counted as people count", () =>
    Effect.gen(function* () {
      yield* refused(["", "x7#Kq!v0Lm2", "🌻🌼🌷🌹🌺🥀"], /at least 12 characters/)
      yield* refused(["x7#Kq!v0Lm2$".repeat(22)], /at most 256/)
    })
  )

  it.effect("is not among the first that anybody tries", () =>
    refused(
      [
        "password2026",
        "Password1234!",
        "qwertyuiop123",
        "123456789012",
        "WelcomeWelcome1",
        "iloveyou!!!!!!",
        "P@ssw0rd2026!!",
        "summer summer 26",
        "correcthorsebatterystaple"
      ],
      /easily guessed/
    )
  )

  it.effect("is not of a few characters again and again", () =>
    refused(["aaaaaaaaaaaa", "121212121212", "abcabcabcabc"], /more different characters/)
  )

  it.effect("is not mostly the person's name or address", () =>
    refused(
      ["okonkwo-weber1", "Northwind2026!", "lucja.okonkwo.99", "l.okonkwo@northwind.example"],
      /your name or address/
    )
  )
})
