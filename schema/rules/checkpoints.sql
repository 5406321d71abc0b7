-- Checkpoints: signed by the access role's program, whose key no database holds, and kept here as well as elsewhere.

-- Chains that have grown since their last checkpoint: what is to be signed now.
CREATE OR REPLACE FUNCTION heads_to_sign() RETURNS TABLE (workspace_id int, seq bigint, hash bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.workspace_id, c.seq, c.hash FROM audit_chain c
   WHERE c.seq > coalesce((SELECT max(k.seq) FROM audit_checkpoint k WHERE k.workspace_id = c.workspace_id), 0) ORDER BY 1
$$;

-- Keeps a checkpoint of a row that is there as it says; whether its signature holds is for those to check who trust no database.
CREATE OR REPLACE FUNCTION keep_checkpoint(p_workspace int, p_seq bigint, p_hash bytea, p_at_us bigint, p_public_key bytea, p_signature bytea)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM audit a WHERE a.workspace_id = p_workspace AND a.seq = p_seq AND a.hash = p_hash) THEN
    RAISE EXCEPTION 'row % of the chain of workspace % is not there, or has another hash', p_seq, p_workspace USING ERRCODE = 'CS409';
  END IF;
  INSERT INTO audit_checkpoint (workspace_id, seq, hash, at_us, public_key, signature)
  VALUES (p_workspace, p_seq, p_hash, p_at_us, p_public_key, p_signature) ON CONFLICT DO NOTHING;
END $$;

CREATE OR REPLACE FUNCTION checkpoint_is_immutable() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'a checkpoint is never changed' USING ERRCODE = 'CS403';
END $$;
CREATE OR REPLACE TRIGGER checkpoint_is_immutable BEFORE UPDATE OR DELETE ON audit_checkpoint FOR EACH ROW EXECUTE FUNCTION checkpoint_is_immutable();
CREATE OR REPLACE TRIGGER checkpoint_is_not_emptied BEFORE TRUNCATE ON audit_checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION checkpoint_is_immutable();

GRANT EXECUTE ON FUNCTION heads_to_sign(), keep_checkpoint(int, bigint, bytea, bigint, bytea, bytea) TO countersign_access;
