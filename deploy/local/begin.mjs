/**
 * The first step of `npm start`, `npm run send` and `npm test`: plain JavaScript for whatever Node the machine has (20 or
 * newer), which sees that `npm ci` brought what we need and then goes on with the Node that came with it.
 *
 *   node deploy/local/begin.mjs                      checks only
 *   node deploy/local/begin.mjs FILE.ts [arguments]  checks, then runs the file
 *
 * Under npm this usually is that Node already (its folder comes first in PATH), and the file runs in this very process.
 * Else it becomes a child: it gets our arguments, our terminal and our signals, and we end as it ends. What is missing is
 * told in plain words, exit code 1.
 */
import { spawn, spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { constants } from "node:os"
import { fileURLToPath, pathToFileURL } from "node:url"

const root = new URL("../../", import.meta.url)
const inRoot = (path) => fileURLToPath(new URL(path, root))

const { dependencies, devDependencies } = JSON.parse(readFileSync(inRoot("package.json"), "utf8"))
const wanted = devDependencies.node.split(".")[0]

const refuse = (...lines) => {
  process.stderr.write(`\n${lines.map((line) => `  ${line}\n`).join("")}\n`)
  process.exit(1)
}

const missing = Object.keys({ ...dependencies, ...devDependencies }).filter(
  (name) => !existsSync(inRoot(`node_modules/${name}/package.json`))
)
// `npm ci --omit=dev` leaves out what only tests need; Node itself it must not leave out.
const needed = missing.filter((name) => name in dependencies || name === "node")
if (needed.length > 0) {
  refuse(
    needed.length > 3 ? "The packages are not installed yet." : `These packages are missing: ${needed.join(", ")}.`,
    "Run this first, in the project's folder:",
    "",
    "    npm ci"
  )
}

const node = inRoot("node_modules/.bin/node")
const version = (path) => spawnSync(path, ["--version"], { encoding: "utf8" }).stdout?.trim().slice(1) ?? ""
const major = (text) => text.split(".")[0]
const here = process.versions.node
const rightHere = Number(major(here)) >= Number(wanted)

if (!rightHere && Number(major(version(node))) < Number(wanted)) {
  refuse(
    `Node ${wanted} is needed and this machine has ${here}. npm brings the right one, by a script of the`,
    "package `node`, and that script has not run: with --ignore-scripts, or with npm's own setting",
    "ignore-scripts, it doesn't. Either of these puts it right:",
    "",
    "    npm rebuild node --ignore-scripts=false",
    "    npm ci --ignore-scripts=false",
    "",
    `A machine that has Node ${wanted} or newer of its own needs neither.`
  )
}

const [file, ...args] = process.argv.slice(2)
if (file !== undefined) {
  if (!existsSync(file)) refuse(`There is no file ${file} here. Run this in the project's folder.`)
  if (rightHere) {
    process.argv.splice(1, 1)
    await import(pathToFileURL(file).href)
  } else {
    const child = spawn(node, [file, ...args], { stdio: "inherit" })
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
      // From a terminal the child gets its own Ctrl-C; told twice, it stops once.
      process.on(signal, () => child.kill(signal))
    }
    child.on("error", (error) => refuse(`Node could not be started: ${error.message}`))
    child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
  }
}
