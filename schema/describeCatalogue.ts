/**
 * The database's own account of itself as Markdown: what is there, and who may do what. Committed as catalogue.md, so
 * that a review of a migration or a rule sees what it comes to, grants and policies above all.
 *
 * Promises: the same text for the same schema on every server from Postgres 15 on; neither owner nor data nor the
 * monthly partitions appear in it. A view's or function's text is not repeated: it has its file in rules/.
 */
import { Effect } from "effect"
import { SqlClient } from "./Database.ts"

/** All schemas but the server's own; what an extension brought along is the extension's. */
const ours = (catalogue: string, schema: string) => `
  ${schema} IN (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '${catalogue}'::regclass AND e.objid = it.oid AND e.deptype = 'e')`

const named = `CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END`

/** Everybody but the owner to whom an access list grants something: `countersign_engine: INSERT, SELECT`. */
const granted = (list: string, kind: string, owner: string) => `(
  SELECT array_agg(g.line ORDER BY g.line COLLATE "C") FROM (
    SELECT CASE a.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(a.grantee) END || ': '
      || string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type COLLATE "C") AS line
    FROM aclexplode(coalesce(${list}, acldefault('${kind}', ${owner}))) a WHERE a.grantee <> ${owner} GROUP BY a.grantee) g)`

const relations = `
  SELECT it.oid::text, ${named} || it.relname AS name, it.relkind::text AS kind, obj_description(it.oid, 'pg_class') AS comment,
    CASE WHEN it.relkind = 'p' THEN pg_get_partkeydef(it.oid) END AS partitioned,
    it.relrowsecurity AS secured, it.relforcerowsecurity AS forced, it.reloptions AS options,
    ${granted("it.relacl", "r", "it.relowner")} AS grants
  FROM pg_class it JOIN pg_namespace n ON n.oid = it.relnamespace
  WHERE it.relkind IN ('r', 'p', 'v', 'm') AND NOT it.relispartition AND ${ours("pg_class", "it.relnamespace")}`

const columns = `
  SELECT a.attrelid::text AS oid, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required,
    CASE WHEN a.attidentity <> '' THEN 'identity'
         WHEN a.attgenerated <> '' THEN 'generated: ' || pg_get_expr(d.adbin, d.adrelid)
         ELSE pg_get_expr(d.adbin, d.adrelid) END AS fallback,
    ${granted("a.attacl", "c", "c.relowner")} AS grants
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`

/** Not-null is told at the column (and is a constraint only from Postgres 18 on). */
const constraints = `
  SELECT conrelid::text AS oid, conname || ': ' || pg_get_constraintdef(oid) AS line FROM pg_constraint
  WHERE conrelid <> 0 AND contype NOT IN ('n', 't') ORDER BY contype DESC, conname COLLATE "C"`

const indexes = `
  SELECT i.indrelid::text AS oid, pg_get_indexdef(i.indexrelid) AS line FROM pg_index i
  WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)`

const triggers = `SELECT tgrelid::text AS oid, pg_get_triggerdef(oid) AS line FROM pg_trigger WHERE NOT tgisinternal`

const policies = `
  SELECT polrelid::text AS oid, polname || ': ' || CASE WHEN polpermissive THEN '' ELSE 'restrictive, ' END
    || CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END || ' for '
    || (SELECT string_agg(CASE r WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(r) END, ', ' ORDER BY pg_get_userbyid(r) COLLATE "C")
        FROM unnest(polroles) r)
    || coalesce(' USING ' || pg_get_expr(polqual, polrelid), '')
    || coalesce(' WITH CHECK ' || pg_get_expr(polwithcheck, polrelid), '') AS line
  FROM pg_policy ORDER BY polname COLLATE "C"`

const functions = `
  SELECT ${named} || it.proname AS name, pg_get_function_identity_arguments(it.oid) AS arguments,
    coalesce(pg_get_function_result(it.oid), it.prokind::text) AS result, l.lanname AS language,
    CASE it.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END AS volatility,
    it.prosecdef AS definer, it.proconfig AS settings, obj_description(it.oid, 'pg_proc') AS comment,
    ${granted("it.proacl", "f", "it.proowner")} AS grants
  FROM pg_proc it JOIN pg_namespace n ON n.oid = it.pronamespace JOIN pg_language l ON l.oid = it.prolang
  WHERE ${ours("pg_proc", "it.pronamespace")}`

const types = `
  SELECT ${named} || it.typname || ': ' || CASE it.typtype
    WHEN 'e' THEN (SELECT string_agg(enumlabel, ' | ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = it.oid)
    WHEN 'c' THEN (SELECT '(' || string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) || ')'
                   FROM pg_attribute WHERE attrelid = it.typrelid AND NOT attisdropped)
    ELSE format_type(it.typbasetype, it.typtypmod) || CASE WHEN it.typnotnull THEN ' NOT NULL' ELSE '' END || coalesce(
      (SELECT ' ' || string_agg(pg_get_constraintdef(oid), ' ' ORDER BY conname COLLATE "C") FROM pg_constraint
       WHERE contypid = it.oid AND contype = 'c'), '') END AS line
  FROM pg_type it JOIN pg_namespace n ON n.oid = it.typnamespace LEFT JOIN pg_class c ON c.oid = it.typrelid
  WHERE (it.typtype IN ('e', 'd') OR c.relkind = 'c') AND ${ours("pg_type", "it.typnamespace")}`

const sequences = `
  SELECT ${named} || it.relname || coalesce(': ' || array_to_string(${granted("it.relacl", "s", "it.relowner")}, '; '), '') AS line
  FROM pg_class it JOIN pg_namespace n ON n.oid = it.relnamespace
  WHERE it.relkind = 'S' AND ${ours("pg_class", "it.relnamespace")}`

const extensions = `SELECT extname AS line FROM pg_extension WHERE extname <> 'plpgsql'`

/** What a schema grants to others than its owner, and what its owner's future objects will. */
const schemas = `
  SELECT n.nspname || coalesce(': ' || array_to_string(${granted("n.nspacl", "n", "n.nspowner")}, '; '), '') AS line
  FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`

/** What is granted on each thing that the owner makes later, where that differs from the server's own habit. */
const defaults = `
  SELECT CASE it.defaclobjtype WHEN 'f' THEN 'functions' WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'T' THEN 'types'
    ELSE 'schemas' END || coalesce(' in ' || n.nspname, '') || ': '
    || coalesce(array_to_string(${granted("it.defaclacl", "r", "it.defaclrole")}, '; '), 'nothing to anybody') AS line
  FROM pg_default_acl it LEFT JOIN pg_namespace n ON n.oid = it.defaclnamespace WHERE it.defaclrole = current_user::regrole`

interface Line {
  readonly oid: string
  readonly line: string
}

interface Relation {
  readonly oid: string
  readonly name: string
  readonly kind: "r" | "p" | "v" | "m"
  readonly comment: string | null
  readonly partitioned: string | null
  readonly secured: boolean
  readonly forced: boolean
  readonly options: ReadonlyArray<string> | null
  readonly grants: ReadonlyArray<string> | null
}

interface Column {
  readonly oid: string
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly fallback: string | null
  readonly grants: ReadonlyArray<string> | null
}

interface Routine {
  readonly name: string
  readonly arguments: string
  readonly result: string
  readonly language: string
  readonly volatility: string
  readonly definer: boolean
  readonly settings: ReadonlyArray<string> | null
  readonly comment: string | null
  readonly grants: ReadonlyArray<string> | null
}

/** The text of catalogue.md for the database that `SqlClient` is connected to. */
export const describeCatalogue = Effect.fn("describeCatalogue")(function* () {
  const sql = yield* SqlClient
  const ask = <A extends object>(query: string) => sql.unsafe<A>(query).unprepared
  const attached = {
    columns: yield* ask<Column>(columns),
    constraints: yield* ask<Line>(constraints),
    indexes: sorted(
      (yield* ask<Line>(indexes)).map(shortened(/^CREATE (UNIQUE )?INDEX (\S+) ON (?:ONLY )?\S+ USING (.*)/s))
    ),
    triggers: sorted((yield* ask<Line>(triggers)).map(shortened(/^CREATE (CONSTRAINT )?TRIGGER (\S+) (.*)/s))),
    policies: yield* ask<Line>(policies)
  }
  const all = (yield* ask<Relation>(relations)).toSorted((a, b) => inOrder(a.name, b.name))
  const isView = ({ kind }: Relation) => kind === "v" || kind === "m"
  return [
    "# Catalogue",
    "What the database says of itself. Written by `npm run db:catalogue`, never by hand; a test fails when it is stale.",
    "`!` marks what can't be null. What isn't granted is refused; the owner is not listed.",
    "## Schemas, extensions, types, sequences",
    list("schemas", sorted(yield* ask<Line>(schemas))),
    list("granted on what is made later", sorted(yield* ask<Line>(defaults))),
    list("extensions", sorted(yield* ask<Line>(extensions))),
    list("types", sorted(yield* ask<Line>(types))),
    list("sequences", sorted(yield* ask<Line>(sequences))),
    "## Tables",
    ...all.filter((it) => !isView(it)).map((it) => relation(it, attached)),
    "## Views",
    ...all.filter(isView).map((it) => relation(it, attached)),
    "## Functions",
    (yield* ask<Routine>(functions)).map(routine).toSorted(inOrder).join("\n")
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n")
})

/** By code point, whatever the database's collation. */
const inOrder = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

const sorted = <A extends Pick<Line, "line">>(lines: ReadonlyArray<A>) =>
  lines.toSorted((a, b) => inOrder(a.line, b.line))

/** `CREATE UNIQUE INDEX i ON t USING btree (a)` under its table's heading: `i: UNIQUE btree (a)`. */
const shortened =
  (pattern: RegExp) =>
  (it: Line): Line => ({
    ...it,
    line: it.line.replace(
      pattern,
      (_, kind: string | undefined, name: string, rest: string) => `${name}: ${kind ?? ""}${rest}`
    )
  })

const relation = (it: Relation, attached: { columns: ReadonlyArray<Column> } & Record<Part, ReadonlyArray<Line>>) => {
  const mine = <A extends { readonly oid: string }>(lines: ReadonlyArray<A>) =>
    lines.filter(({ oid }) => oid === it.oid)
  const facts = [
    it.partitioned === null ? "" : `partitioned by ${it.partitioned}`,
    it.secured ? `row-level security${it.forced ? ", forced" : ""}` : "",
    ...(it.options ?? [])
  ].filter((fact) => fact !== "")
  return [
    `### ${it.name}`,
    it.comment ?? "",
    facts.length === 0 ? "" : `${facts.join("; ")}.`,
    mine(attached.columns).map(column).join("\n"),
    ...parts.map((part) => list(part, mine(attached[part]))),
    list(
      "granted",
      (it.grants ?? []).map((line) => ({ line }))
    )
  ]
    .filter((part) => part !== "")
    .join("\n\n")
}

const parts = ["constraints", "indexes", "triggers", "policies"] as const
type Part = (typeof parts)[number]

const column = (it: Column) =>
  `- **${it.name}** ${it.type}${it.required ? "!" : ""}` +
  `${it.fallback === null ? "" : ` = ${oneLine(it.fallback)}`}${it.grants === null ? "" : ` (${it.grants.join("; ")})`}`

const routine = (it: Routine) => {
  const facts = [
    it.language,
    it.volatility,
    it.definer ? "security definer" : "security invoker",
    ...(it.settings ?? [])
  ]
  const callers =
    it.grants === null ? "the owner alone" : it.grants.map((line) => line.replace(": EXECUTE", "")).join(", ")
  const lines = [
    `- **${it.name}**(${it.arguments}) → ${it.result}`,
    `${facts.join(", ")}; called by ${callers}`,
    it.comment ?? ""
  ]
  return lines.filter((line) => line !== "").join("\n  ")
}

const list = (title: string, lines: ReadonlyArray<Pick<Line, "line">>) =>
  lines.length === 0 ? "" : `${title}:\n${lines.map(({ line }) => `- ${oneLine(line)}`).join("\n")}`

const oneLine = (text: string) => text.replaceAll(/\s+/g, " ")
