/**
 * There may be no Docker where this is developed: what Dockerfile and compose.yaml say of the rest of the project is held to it
 * here. Everything that the image's programs import has to be in the image, and nothing else may get in.
 */
import { existsSync, globSync, readFileSync, statSync } from "node:fs"
import { builtinModules } from "node:module"
import { dirname, join, matchesGlob } from "node:path"
import { assert, describe, it } from "@effect/vitest"

const read = (path: string) => readFileSync(path, "utf8")
const dockerfile = read("deploy/Dockerfile")
const compose = read("deploy/compose.yaml")
const ignored = read(".dockerignore")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
const { dependencies, devDependencies, imports } = JSON.parse(read("package.json"))

const all = (pattern: RegExp, text: string) => Array.from(text.matchAll(pattern), (m) => m[1]!)

/** Whether .dockerignore lets the file into the build: its last pattern that matches decides. */
const isSent = (path: string): boolean => {
  let sent = true
  for (const pattern of ignored) {
    const glob = pattern.replace("!", "")
    // Docker's star takes what begins with a dot too
    if (glob === "*" || matchesGlob(path, glob) || matchesGlob(path, `${glob}/**`)) sent = pattern.startsWith("!")
  }
  return sent
}

/** Copied from the project, of all stages. */
const copied = all(/^COPY (?!--from)(.*) \S+$/gm, dockerfile).flatMap((sources) => sources.split(" "))

/** The programs that the image starts, by default or because compose says so. */
const programs = [...new Set([...all(/"([\w/]+\.ts)"/g, dockerfile), ...all(/"([\w/]+\.ts)"/g, compose)])]

/** Every file that comes with a program, by its imports, and the packages that these name. `import type` is nothing at run time. */
const comesWith = (program: string) => {
  const files = new Set<string>()
  const packages = new Set<string>()
  const follow = (file: string): void => {
    if (files.has(file)) return
    files.add(file)
    const from = /^(?:import|export) (?!type )(?:[^"'`;]*? from )?"([^"]+)"|\bimport\("([^"]+)"\)/gm
    for (const [, ...names] of read(file).matchAll(from)) {
      const name = names.find((n) => n !== undefined)!
      if (name.startsWith("#")) follow(name.slice(1))
      else if (name.startsWith(".")) follow(join(dirname(file), name))
      else if (!name.startsWith("node:") && !builtinModules.includes(name))
        packages.add(
          name
            .split("/")
            .slice(0, name.startsWith("@") ? 2 : 1)
            .join("/")
        )
    }
  }
  follow(program)
  return { files: [...files], packages: [...packages] }
}

describe("the image", () => {
  it("starts programs that are here, and copies folders that are", () => {
    assert.includeMembers(programs, ["engine/main.ts", "schema/commands/migrate.ts", "bench/smsc/main.ts"])
    for (const path of [...programs, ...copied]) assert.isTrue(existsSync(path), path)
  })

  it("has every file that these import", () => {
    for (const program of programs) {
      const { files } = comesWith(program)
      assert.isAbove(files.length, 3, program)
      for (const file of files) {
        assert.isTrue(
          copied.some((path) => file === path || file.startsWith(`${path}/`)),
          `${program} needs ${file}`
        )
        assert.isTrue(isSent(file), `${program} needs ${file}, which .dockerignore keeps out`)
      }
    }
  })

  it("has every package that these import, among those of production", () => {
    for (const program of programs)
      for (const name of comesWith(program).packages) assert.property(dependencies, name, `for ${program}`)
  })

  it("has the rules and migrations, which are read and not imported", () => {
    const sql = globSync("schema/**/*.sql").filter((file) => !file.includes("/testing/"))
    assert.isAbove(sql.length, 20)
    assert.deepStrictEqual(
      sql.filter((file) => !isSent(file)),
      []
    )
  })

  it("is sent no test, no data and no secret", () => {
    for (const file of globSync("{schema,engine,bench/smsc}/**/*.test.ts")) assert.isFalse(isSent(file), file)
    for (const file of [
      "data/engine.log",
      "deploy/.env",
      ".env",
      "node_modules/effect/package.json",
      ".git/config",
      "engine/TestEngine.ts"
    ])
      assert.isFalse(isSent(file), file)
    assert.notMatch(dockerfile, /^(ARG|ENV) .*(PASSWORD|SECRET|KEY|TOKEN|URL)/im)
  })

  it("is of the Node that the project asks for, and runs as nobody in particular", () => {
    const [major] = devDependencies.node.split(".")
    const bases = all(/^FROM (\S+)/gm, dockerfile)
    assert.deepStrictEqual([...new Set(bases)].sort(), ["base", `node:${major}-slim`])
    assert.isBelow(dockerfile.indexOf("USER node"), dockerfile.indexOf("ENTRYPOINT"))
    assert.isTrue(Object.keys(imports).every((name) => /^#\w+\/\*$/.test(name)))
  })
})

describe("compose", () => {
  it("publishes to this machine only", () => {
    const published = all(/^\s+- "([^"]*:\d+)"$/gm, compose)
    assert.isAbove(published.length, 1)
    assert.deepStrictEqual(
      published.filter((port) => !port.startsWith("127.0.0.1:")),
      []
    )
  })

  it("has no password in it, and refuses each that is missing", () => {
    const wanted = new Set(all(/\$\{(\w+)/g, compose))
    assert.deepStrictEqual([...wanted].sort(), [
      "COUNTERSIGN_SECRET_KEY",
      "ENGINE_PASSWORD",
      "OWNER_PASSWORD",
      "POSTGRES_PASSWORD"
    ])
    for (const name of wanted) assert.match(compose, new RegExp(`\\$\\{${name}:\\?is not set; `), name)
    assert.notMatch(compose, /\$\{\w+:?-/)
    assert.match(read(".gitignore"), /^\.env$/m)
  })

  it("has the README make every one of them", () => {
    const [, told = ""] = read("README.md").split("In containers")
    for (const name of all(/\$\{(\w+):\?/g, compose)) assert.include(told, name.replace("_PASSWORD", ""), name)
  })

  it("gives programs only what their code reads", () => {
    const given = new Set([
      ...all(/^ {6}([A-Z][A-Z_]+):/gm, compose),
      ...all(/([A-Z][A-Z_]+)=/g, all(/^ENV (.*)$/gm, dockerfile).join(" "))
    ])
    const ofOthers = ["POSTGRES_PASSWORD", "OWNER_PASSWORD", "PGPASSWORD", "NODE_ENV"]
    const code = globSync("{schema,engine}/**/*.ts").map(read).join("\n")
    for (const name of given) if (!ofOthers.includes(name)) assert.include(code, `"${name}"`, name)
    assert.include(read("deploy/postgres/owner.sh"), "$OWNER_PASSWORD")
  })

  it("never shows the engine the owner's password", () => {
    const [, engine = ""] = compose.split(/^ {2}engine:$/m)
    assert.notInclude(engine.split(/^ {2}simulator:$/m)[0]!, "OWNER_PASSWORD")
  })

  it("mounts files that are here", () => {
    const mounted = all(/^\s+- (\.\/[^:]+):/gm, compose)
    assert.isAbove(mounted.length, 1)
    for (const path of mounted) assert.isTrue(statSync(join("deploy", path)).isFile(), path)
  })

  it("waits for what a program needs: Postgres that answers, and its schema", () => {
    const [, engine = ""] = compose.split(/^ {2}engine:$/m)
    assert.match(
      engine,
      /postgres:\n\s+condition: service_healthy\n\s+migrate:\n\s+condition: service_completed_successfully/
    )
    assert.match(compose, /^ {2}migrate:[\s\S]*?condition: service_healthy/m)
  })

  it("asks the engine's health where its code answers", () => {
    const server = read("engine/watching/watchServer.ts")
    for (const [port, page] of [
      ...`${compose}${dockerfile}`.matchAll(/fetch\(.http:\/\/127\.0\.0\.1:(\S*?)(\/\w+).\)/g)
    ].map((m) => [m[1]!, m[2]!])) {
      assert.include(server, `"${page}"`)
      assert.include(port, /const PORT = (\d+)/.exec(server)![1]!)
    }
    assert.match(compose, /"127\.0\.0\.1:9464:9464"/)
  })
})
