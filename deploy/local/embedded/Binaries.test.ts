import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { linkLibraries } from "./Binaries.ts"

describe("linkLibraries", () => {
  it("makes the links that npm's install script would have made, and leaves those that are there", () => {
    const root = mkdtempSync(join(tmpdir(), "countersign-links-"))
    const native = join(root, "a copy by another name")
    mkdirSync(join(native, "lib"), { recursive: true })
    const links = ["native/lib/libx.so", "native/lib/libx.so.1"].map((target) => ({
      source: "native/lib/libx.so.1.2",
      target
    }))
    writeFileSync(join(native, "pg-symlinks.json"), JSON.stringify(links))
    assert.isTrue(linkLibraries(native))
    assert.isTrue(linkLibraries(native))
    assert.strictEqual(readlinkSync(join(native, "lib/libx.so")), "libx.so.1.2")
    assert.strictEqual(readlinkSync(join(native, "lib/libx.so.1")), "libx.so.1.2")
    rmSync(root, { recursive: true })
  })
})
