import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { splitStatements } from "./statements.ts"

const texts = (sql: string) => splitStatements(sql).map((statement) => statement.text)

describe("splitStatements", () => {
  it("cuts at semicolons and drops what is empty or comment alone", () => {
    assert.deepStrictEqual(texts("SELECT 1;\n-- nothing\n;; /* nothing */ ;SELECT 2"), ["SELECT 1", "SELECT 2"])
  })

  it("keeps a semicolon in strings, names and comments", () => {
    const one = `SELECT ';''; ', "a;""b", E'\\';', U&'\\0041;' -- ; '\n, /* ; /* nested ; */ ' ; */ 1`
    assert.deepStrictEqual(texts(`${one}; SELECT 2`), [one, "SELECT 2"])
  })

  it("takes a backslash for itself in a plain string", () => {
    assert.deepStrictEqual(texts("SELECT '\\'; SELECT 2"), ["SELECT '\\'", "SELECT 2"])
  })

  it("keeps dollar-quoted bodies whole, other tags inside included", () => {
    const one = "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $body$ BEGIN x := $$;$$; PERFORM $1; END; $body$"
    assert.deepStrictEqual(texts(`${one};\nSELECT $1, a$b$ ; SELECT 2`), [one, "SELECT $1, a$b$", "SELECT 2"])
  })

  it("keeps an SQL-standard body whole, a CASE in it included", () => {
    const one =
      "create or replace function f(a int) returns int begin atomic select case when a > 0 then 1 else 2 end; select 2; end"
    assert.deepStrictEqual(texts(`${one}; BEGIN; SELECT 2; END`), [one, "BEGIN", "SELECT 2", "END"])
  })

  it("keeps a rule's parenthesised commands together", () => {
    const one = "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2))"
    assert.deepStrictEqual(texts(`${one};SELECT 2`), [one, "SELECT 2"])
  })

  it("tells the line where each begins", () => {
    const found = splitStatements("-- head\n\nSELECT 1;\n\n  SELECT\n 2;")
    assert.deepStrictEqual(
      found.map(({ line }) => line),
      [3, 5]
    )
  })

  it("ends what is unterminated with the file", () => {
    for (const open of ["'a;b", '"a;b', "$$a;b", "$x$a;$$b", "E'\\';b", "(a;b"]) {
      assert.deepStrictEqual(texts(`SELECT 1; SELECT ${open}`), ["SELECT 1", `SELECT ${open}`])
    }
    assert.deepStrictEqual(texts("SELECT 1; /* a;b"), ["SELECT 1"])
  })

  it("gives back any statements that were joined", () => {
    const piece = fc.constantFrom(
      "SELECT",
      "a",
      "';'",
      "$$;$$",
      "$t$ $$;$t$",
      '";"',
      "/*;*/",
      "(;)",
      "e';\\''",
      "1",
      "$1"
    )
    const statement = fc.array(piece, { maxLength: 8 }).map((pieces) => ["SELECT", ...pieces].join(" "))
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 6 }), (statements) => {
        assert.deepStrictEqual(texts(statements.join(" ;\n")), statements)
      })
    )
  })
})
