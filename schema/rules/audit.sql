-- The audit's one writer. An act says `audit` (or `audit_installation`) in its own transaction: no audit, no act, and what is rolled
-- back was never said.
--
-- Rows are chained as the transaction commits, by a deferred trigger: a chain's head is the last lock that anybody takes, it is
-- held for the length of a commit, and so it can't be part of a deadlock and nobody waits for another's long work. The workspaces of
-- one transaction are taken in order of their ids. (Whoever writes SQL by hand may say SET CONSTRAINTS ALL IMMEDIATE, and then holds the
-- head for as long as their transaction lasts; our programs don't.)
--
-- hash = SHA-256 over netstrings of the format's name, workspace, seq, the previous hash, microseconds since 1970, person, role,
-- action, object, its id, the facts, and the digest of the personal part. The first row's previous hash is 32 zero bytes.

CREATE OR REPLACE FUNCTION microseconds(p_at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT (extract(epoch FROM p_at) * 1000000)::bigint
$$;

CREATE OR REPLACE FUNCTION audit_hash(a audit) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
  SELECT sha256(convert_to(netstrings('countersign/audit/1', a.workspace_id::text, a.seq::text, encode(a.previous, 'hex'),
    microseconds(a.at)::text, a.person_id::text, a.role, a.action, a.object, a.object_id::text, a.facts, encode(a.personal_digest, 'hex')), 'UTF8'))
$$;

CREATE OR REPLACE FUNCTION audit_row(p_workspace int, p_person int, p_role text, p_action text, p_object text, p_object_id bigint,
  p_facts jsonb, p_personal jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  request  jsonb := coalesce(nullif(current_setting('countersign.request', true), ''), '{}')::jsonb;
  facts    text := coalesce(p_facts, '{}')::text;
  personal text;
  actor    jsonb;
BEGIN
  SELECT jsonb_build_object('name', p.name, 'email', p.email) INTO actor FROM person p WHERE p.id = p_person;
  personal := nullif(coalesce(p_personal, '{}') || CASE WHEN actor IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('by', actor) END
                     || CASE WHEN request = '{}' THEN request ELSE jsonb_build_object('request', request) END, '{}')::text;
  -- a row is a line of an export, which is read in bounded memory (LONGEST_LINE in schema/audit/ExportReader.ts): as JSON in JSON it
  -- has to fit with what else stands in the line
  IF octet_length(to_jsonb(facts)::text) + coalesce(octet_length(to_jsonb(personal)::text), 0) > 1000000 THEN
    RAISE EXCEPTION 'this is more than the audit can keep of one act; say it shorter, or in several' USING ERRCODE = 'CS422';
  END IF;
  INSERT INTO audit_pending (workspace_id, person_id, role, action, object, object_id, facts, personal)
  VALUES (p_workspace, p_person, p_role, p_action, p_object, p_object_id, facts, personal);
  -- a hint to windows that show it, delivered at commit: what is acted upon is there to be looked at anew
  PERFORM pg_notify('countersign_live', concat_ws(' ', p_workspace, p_object, p_object_id));
END $$;

-- For the workspace acted in. p_facts: what stays for ever; p_personal: what may be erased (names, notes, numbers).
CREATE OR REPLACE FUNCTION audit(p_action text, p_object text, p_object_id bigint, p_facts jsonb DEFAULT '{}', p_personal jsonb DEFAULT '{}')
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := acting();
BEGIN
  PERFORM audit_row(me.workspace_id, me.person_id, me.role, p_action, p_object, p_object_id, p_facts, p_personal);
END $$;

-- What the system does in a workspace under the rules that people approved.
CREATE OR REPLACE FUNCTION audit_system(p_workspace int, p_action text, p_object text, p_object_id bigint,
  p_facts jsonb DEFAULT '{}', p_personal jsonb DEFAULT '{}') RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT audit_row(p_workspace, NULL, 'system', p_action, p_object, p_object_id, p_facts, p_personal)
$$;

-- What belongs to no workspace: people, sign-ins, channels, presets. p_person: who, where nobody acts yet.
CREATE OR REPLACE FUNCTION audit_installation(p_action text, p_object text, p_object_id bigint, p_facts jsonb DEFAULT '{}',
  p_personal jsonb DEFAULT '{}', p_person int DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM audit_row(0, coalesce(p_person, acting_person()), coalesce((acting()).role, 'person'), p_action, p_object, p_object_id, p_facts, p_personal);
END $$;

-- Chains what this transaction said. Fires once a pending row and does all of them at the first; nobody else's can be seen.
CREATE OR REPLACE FUNCTION chain_audit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  p    audit_pending;
  head audit_chain;
  a    audit;
BEGIN
  IF NOT EXISTS (SELECT FROM audit_pending WHERE id = NEW.id) THEN RETURN NULL; END IF;
  FOR p IN SELECT * FROM audit_pending ORDER BY workspace_id, id LOOP
    IF p.workspace_id IS DISTINCT FROM head.workspace_id THEN
      -- written back once a workspace: a row that one transaction has changed thousands of times is slow to find again
      UPDATE audit_chain SET seq = head.seq, hash = head.hash WHERE workspace_id = head.workspace_id;
      INSERT INTO audit_chain (workspace_id) VALUES (p.workspace_id) ON CONFLICT DO NOTHING;
      SELECT * INTO head FROM audit_chain WHERE workspace_id = p.workspace_id FOR NO KEY UPDATE;
    END IF;
    a := (p.workspace_id, head.seq + 1, p.at, p.person_id, p.role, p.action, p.object, p.object_id, p.facts, p.personal,
          CASE WHEN p.personal IS NOT NULL THEN uuid_send(gen_random_uuid()) END, NULL, head.hash, NULL)::audit;
    a.personal_digest := sha256(a.salt || convert_to(a.personal, 'UTF8'));
    a.hash := audit_hash(a);
    INSERT INTO audit SELECT (a).*;
    head.seq := a.seq;
    head.hash := a.hash;
    DELETE FROM audit_pending WHERE id = p.id;
  END LOOP;
  UPDATE audit_chain SET seq = head.seq, hash = head.hash WHERE workspace_id = head.workspace_id;
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS chain_audit ON audit_pending;
CREATE CONSTRAINT TRIGGER chain_audit AFTER INSERT ON audit_pending DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION chain_audit();

CREATE OR REPLACE FUNCTION audit_is_immutable() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF erasing() AND TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  -- what retention takes is the personal part and its salt, and nothing else
  IF erasing() AND TG_OP = 'UPDATE' AND NEW.personal IS NULL AND NEW.salt IS NULL
     AND to_jsonb(NEW) - 'personal' - 'salt' = to_jsonb(OLD) - 'personal' - 'salt' THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'the audit is never changed' USING ERRCODE = 'CS403';
END $$;
CREATE OR REPLACE TRIGGER audit_is_immutable BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_immutable();
CREATE OR REPLACE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_immutable();
