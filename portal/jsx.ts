/**
 * Lets Node run the portal's views: it strips types by itself, and leaves JSX to us. Imported before the first .tsx; twice is once.
 */
import { readFileSync } from "node:fs"
import { registerHooks } from "node:module"
import { fileURLToPath } from "node:url"
import { transformSync } from "oxc-transform"

registerHooks({
  load: (url, context, next) => {
    if (!url.endsWith(".tsx")) return next(url, context)
    const path = fileURLToPath(url)
    const { code, errors } = transformSync(path, readFileSync(path, "utf8"), {
      // as tsconfig.json has it
      jsx: { runtime: "automatic", importSource: "hono/jsx" },
      typescript: { onlyRemoveTypeImports: true }
    })
    if (errors.length > 0) throw new SyntaxError(`${path}: ${errors.map(({ message }) => message).join("; ")}`)
    return { format: "module", source: code, shortCircuit: true }
  }
})
