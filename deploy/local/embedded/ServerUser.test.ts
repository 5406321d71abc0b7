import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { chooseUser, reaches } from "./ServerUser.ts"

const passwd = (...names: ReadonlyArray<string>) =>
  names.map((name, i) => `${name}:x:${name === "root" ? 0 : 100 + i}:${200 + i}::/:/bin/sh`).join("\n")

describe("chooseUser", () => {
  it("lets root run it as the user that was made for it, else as nobody, else as whoever there is", () => {
    const name = (...names: ReadonlyArray<string>) => chooseUser(undefined, 0, passwd(...names))?.name
    assert.strictEqual(name("root", "daemon", "nobody", "postgres", "ann"), "postgres")
    assert.strictEqual(name("root", "daemon", "nobody", "ann"), "nobody")
    assert.strictEqual(name("root", "ann"), "ann")
  })

  it("goes on under the user who owns the data, named or not", () => {
    assert.deepStrictEqual(chooseUser(101, 0, passwd("root", "ann", "postgres")), { name: "ann", uid: 101, gid: 201 })
    assert.deepStrictEqual(chooseUser(777, 0, passwd("root", "postgres")), { name: "777", uid: 777, gid: 777 })
  })

  it("takes data of root for nobody's: Postgres would refuse them", () => {
    assert.strictEqual(chooseUser(0, 0, passwd("root", "postgres"))?.name, "postgres")
  })

  it("runs as ourselves where we aren't root", () => {
    assert.isUndefined(chooseUser(undefined, 100, passwd("ann")))
    assert.isUndefined(chooseUser(100, 100, passwd("ann")))
    assert.isUndefined(chooseUser(4711, 4711, passwd("ann")), "no name is needed where the data exist")
  })

  it("says what to do where nobody can run it", () => {
    assert.throws(() => chooseUser(undefined, 0, passwd("root")), /refuses to run as root.*DATABASE_URL/)
    assert.throws(() => chooseUser(undefined, 4711, passwd("root", "ann")), /user 4711 has no name.*DATABASE_URL/)
    assert.throws(() => chooseUser(102, 100, passwd("ann")), /belong to user 102/)
  })
})

describe("reaches", () => {
  const stranger = { name: "stranger", uid: 2 ** 30, gid: 2 ** 30 }
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "countersign-reaches-")))

  it("is about each folder on the way and the thing itself", () => {
    chmodSync(folder, 0o755)
    const inner = join(folder, "inner")
    mkdirSync(inner)
    const file = join(inner, "file")
    writeFileSync(file, "")
    const withModes = (outer: number, middle: number, last: number) => {
      chmodSync(file, last)
      chmodSync(inner, middle)
      chmodSync(folder, outer)
      const answer = reaches(stranger, file)
      chmodSync(folder, 0o755)
      return answer
    }
    assert.isTrue(withModes(0o755, 0o711, 0o644))
    assert.isFalse(withModes(0o700, 0o755, 0o644))
    assert.isFalse(withModes(0o755, 0o700, 0o644))
    assert.isFalse(withModes(0o755, 0o755, 0o600))
    assert.isFalse(withModes(0o755, 0o755, 0o744), "a program must be runnable, not only readable")
    rmSync(folder, { recursive: true })
  })

  it("is always so for ourselves", () => {
    assert.isTrue(reaches(undefined, "/anywhere"))
  })
})
