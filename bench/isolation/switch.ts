/** Row-level security off and on again, as `rules/_isolation.sql` has it: to see what it costs, in a benchmark's own database. */
import { Effect } from "effect"
import { SqlClient, type SqlError } from "#schema/Database.ts"

/** For every table that has a policy. Needs the owner's SqlClient. */
export const switchIsolation = (on: boolean): Effect.Effect<unknown, SqlError, SqlClient> =>
  Effect.flatMap(SqlClient, (sql) =>
    sql.unsafe(`DO $$ DECLARE t regclass; BEGIN
      FOR t IN SELECT DISTINCT polrelid FROM pg_policy LOOP
        EXECUTE format('ALTER TABLE %s ${on ? "ENABLE ROW LEVEL SECURITY, FORCE" : "DISABLE ROW LEVEL SECURITY, NO FORCE"} ROW LEVEL SECURITY', t);
      END LOOP;
    END $$`)
  )
