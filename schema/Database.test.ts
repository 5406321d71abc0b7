import { assert, describe, it } from "@effect/vitest"
import { Redacted } from "effect"
import { urlFor, urlParts, urlToShow } from "./Database.ts"

const changed = (url: string, change: Parameters<typeof urlFor>[1]) =>
  Redacted.value(urlFor(Redacted.make(url), change))

describe("urlFor", () => {
  it("changes what it is told and keeps the rest", () => {
    const url = "postgres://owner:secret@db.example:6000/main?sslmode=require"
    assert.strictEqual(changed(url, { database: "x" }), "postgres://owner:secret@db.example:6000/x?sslmode=require")
    assert.strictEqual(
      changed(url, { username: "engine", password: "p/w:@?#%" }),
      "postgres://engine:p%2Fw%3A%40%3F%23%25@db.example:6000/main?sslmode=require"
    )
    assert.strictEqual(changed(url, { password: undefined }), "postgres://owner@db.example:6000/main?sslmode=require")
  })

  it("wins over the same fact in the query", () => {
    const url = "postgres://h/?dbname=main&user=owner&password=secret&host=/run/pg"
    assert.strictEqual(
      changed(url, { database: "x", username: "u", password: "p" }),
      "postgres://u:p@h/x?host=%2Frun%2Fpg"
    )
  })

  it("takes a URL without a host", () => {
    assert.strictEqual(
      changed("postgres:///main?host=/run", { username: "u" }),
      "postgres://u@localhost/main?host=%2Frun"
    )
  })

  it("gives back what it was told", () => {
    const url = urlFor(Redacted.make("postgres://h/d"), { username: "ü /@", password: "%:/ä?#", database: "a/b c%" })
    assert.deepStrictEqual(urlParts(url), { username: "ü /@", password: "%:/ä?#", database: "a/b c%" })
  })

  it("shows no password", () => {
    assert.strictEqual(urlToShow(Redacted.make("postgres://u:p@h:1/d?password=q&x=1")), "postgres://u@h:1/d?x=1")
  })
})
