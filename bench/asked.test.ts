import { execFileSync, spawnSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import { helpOf, NotUnderstood, readArguments } from "./asked.ts"

const options = {
  messages: { default: 1_000, least: 1, most: 5_000, help: "recipients" },
  floor: { default: true, help: "the engine only" },
  json: { default: false, help: "the last line only" }
} as const

describe("the command line of a benchmark", () => {
  it("gives what was said, and the defaults for the rest", () => {
    assert.deepStrictEqual(readArguments(options, []), { messages: 1_000, floor: true, json: false })
    assert.deepStrictEqual(readArguments(options, ["--messages", "7", "--no-floor", "--json"]), {
      messages: 7,
      floor: false,
      json: true
    })
    assert.strictEqual(readArguments(options, ["--messages", "7", "--help"]), "help")
  })

  it("says in one line what it can't understand", () => {
    for (const [args, why] of [
      [["--mesages", "7"], /^Unknown option '--mesages'/],
      [["seven"], /^Unexpected argument 'seven'/],
      [["--messages"], /^Option '--messages <value>' argument missing/],
      [["--messages", "0"], /^--messages is a whole number from 1 to 5000, not “0”$/],
      [["--messages", "5001"], /^--messages is a whole number/],
      [["--messages", "1e3"], /^--messages is a whole number/],
      [["--messages="], /^--messages is a whole number/],
      [["--json=yes"], /^Option '--json' does not take an argument/]
    ] as const) {
      assert.throws(() => readArguments(options, args), NotUnderstood, why)
      assert.throws(() => readArguments(options, args), /^[^\n]+$/)
    }
  })

  it("has a help with every option and every default", () => {
    assert.deepStrictEqual(helpOf("What it does.", options).split("\n"), [
      "What it does.",
      "",
      "  --messages N       recipients [1000]",
      "  --no-floor         the engine only",
      "  --json             the last line only",
      "  --help             this"
    ])
  })
})

describe("every benchmark and proof", () => {
  const programs = ["engine", "load", "pace", "ledger", "crash", "fuzz"].map((name) => `bench/${name}/main.ts`)
  for (const program of programs) {
    it(`${program} helps, and starts nothing when it is told nonsense`, () => {
      const help = execFileSync(process.execPath, [program, "--help"], { encoding: "utf8" })
      assert.match(help, /\n {2}--help/)
      const { status, stderr, stdout } = spawnSync(process.execPath, [program, "--nonsense"], { encoding: "utf8" })
      assert.deepStrictEqual([status, stdout], [1, ""])
      assert.match(stderr, /^Unknown option '--nonsense'[^\n]*\n$/)
    })
  }
})
