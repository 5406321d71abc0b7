import { spawn } from "node:child_process"
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { folder } from "./TestProgram.ts"

interface House {
  /** Version of Node that the project asks for; this one's unless given. */
  readonly wants?: string
  readonly packages: ReadonlyArray<string>
  /** A shell script as node_modules/.bin/node. */
  readonly node?: string
}

/** A project with nothing in it but what begin.mjs looks at. */
const project = (o: House) =>
  Effect.map(folder, (root) => {
    const deploy = join(root, "deploy/local")
    mkdirSync(deploy, { recursive: true })
    copyFileSync(fileURLToPath(new URL("begin.mjs", import.meta.url)), join(deploy, "begin.mjs"))
    const wants = o.wants ?? process.versions.node
    writeFileSync(
      join(root, "package.json"),
      JSON.stringify({
        type: "module",
        dependencies: { effect: "1" },
        devDependencies: { node: wants, vitest: "1" }
      })
    )
    for (const name of o.packages) {
      mkdirSync(join(root, "node_modules", name), { recursive: true })
      writeFileSync(join(root, "node_modules", name, "package.json"), "{}")
    }
    if (o.node !== undefined) {
      mkdirSync(join(root, "node_modules/.bin"), { recursive: true })
      writeFileSync(join(root, "node_modules/.bin/node"), `#!/bin/sh\n${o.node}\n`)
      chmodSync(join(root, "node_modules/.bin/node"), 0o755)
    }
    writeFileSync(
      join(root, "told.ts"),
      `const told: string = process.argv.slice(2).join(" ")
       let signals = 0
       process.on("SIGINT", () => { if (++signals === 1) { console.log("stopping"); process.exit(7) } })
       console.log("told " + told)
       if (told === "stay") setInterval(() => {}, 1000)
       else process.exitCode = 5`
    )
    return root
  })

const begin = (root: string, ...args: ReadonlyArray<string>) => {
  const child = spawn(process.execPath, ["deploy/local/begin.mjs", ...args], { cwd: root })
  let said = ""
  let onSaid = () => {}
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said += chunk
      onSaid()
    })
  const ended = new Promise<{ code: number | null; said: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, said }))
  )
  const says = (text: string) =>
    new Promise<void>((resolve) => {
      onSaid = () => {
        if (said.includes(text)) resolve()
      }
      onSaid()
    })
  return { child, ended, says }
}

const all = ["effect", "node", "vitest"]
const asOther = `[ "$1" = --version ] && echo v99.1.2 && exit; exec ${JSON.stringify(process.execPath)} "$@"`

const outcome = (o: House, ...args: ReadonlyArray<string>) =>
  Effect.flatMap(project(o), (root) => Effect.promise(() => begin(root, ...args).ended))

describe("the first step", () => {
  it.live("says what to do where nothing is installed, without a stack trace", () =>
    Effect.gen(function* () {
      const { code, said } = yield* outcome({ packages: [] })
      assert.strictEqual(code, 1)
      assert.match(said, /missing: effect, node\.[\s\S]*npm ci/)
      assert.notMatch(said, /\n\s+at /)
    })
  )

  it.live("says what to do after --ignore-scripts, which leaves the machine with its old Node", () =>
    Effect.gen(function* () {
      const { code, said } = yield* outcome({ wants: "99.0.0", packages: all }, "told.ts")
      assert.strictEqual(code, 1)
      assert.match(said, /Node 99 is needed[\s\S]*npm rebuild node --ignore-scripts=false/)
      assert.notMatch(said, /\n\s+at |told/)
    })
  )

  it.live("only checks when it is given nothing to run, and does without what only tests need", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* outcome({ packages: ["effect", "node"] }), { code: 0, said: "" })
    })
  )

  it.live("runs the file in this process where Node is the right one, and passes arguments and exit code", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* outcome({ packages: all }, "told.ts", "a", "b c"), {
        code: 5,
        said: "told a b c\n"
      })
    })
  )

  it.live("runs it with the Node that npm brought where this one is too old, and passes arguments and exit code", () =>
    Effect.gen(function* () {
      const ended = yield* outcome({ wants: "99.0.0", packages: all, node: asOther }, "told.ts", "a", "b c")
      assert.deepStrictEqual(ended, { code: 5, said: "told a b c\n" })
    })
  )

  it.live("passes a signal on, once, and ends as the program ends", () =>
    Effect.gen(function* () {
      const root = yield* project({ wants: "99.0.0", packages: all, node: asOther })
      const program = begin(root, "told.ts", "stay")
      yield* Effect.promise(() => program.says("told stay"))
      program.child.kill("SIGINT")
      assert.deepStrictEqual(yield* Effect.promise(() => program.ended), { code: 7, said: "told stay\nstopping\n" })
    })
  )

  it.live("says that there is no such file", () =>
    Effect.gen(function* () {
      const { code, said } = yield* outcome({ packages: all }, "elsewhere.ts")
      assert.strictEqual(code, 1)
      assert.include(said, "There is no file elsewhere.ts here")
    })
  )
})
