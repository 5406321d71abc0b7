-- A decision on a campaign: approve, reject or request changes, on exactly what was read (the fingerprint), and, where somebody signs
-- it with a passkey, on nothing else: the challenge that their device signed is made of campaign, submission, fingerprint and
-- decision, so that anybody can check it later without us (schema/audit/Decisions.ts).

CREATE OR REPLACE FUNCTION challenge_of(c campaign, p_fingerprint bytea, p_decision text) RETURNS bytea
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT sha256(convert_to(netstrings('countersign/decision/1', c.workspace_id::text, c.id::text, c.submission::text,
                                      encode(p_fingerprint, 'hex'), p_decision), 'UTF8'))
$$;

-- What a passkey is to sign for a decision on a campaign as it is now. 32 bytes.
CREATE OR REPLACE FUNCTION decision_challenge(p_campaign int, p_decision text) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c campaign;
BEGIN
  SELECT * INTO c FROM campaign WHERE id = p_campaign;
  PERFORM must_see(c.workspace_id, 'campaign ' || p_campaign);
  RETURN challenge_of(c, campaign_fingerprint(c.id), p_decision);
END $$;

-- Takes the fingerprint that was read, a note (asked for unless it is an approval), and the assertion that the access role has
-- checked, if the decision was signed. Gives the campaign's state afterwards.
CREATE OR REPLACE FUNCTION decide_campaign(p_campaign int, p_decision text, p_fingerprint bytea, p_note text DEFAULT NULL, p_assertion int DEFAULT NULL)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me     identity := must('campaign.decide');
  c      campaign;
  signed jsonb;
  after  text;
  must_sign boolean;
BEGIN
  -- held, so that the audit has this decision and a change of what is asked for in the order in which they were made; and before the
  -- campaign, as whoever archives the workspace has it
  SELECT w.require_signed_approvals INTO must_sign FROM workspace w WHERE w.id = me.workspace_id FOR SHARE;
  c := own_campaign(p_campaign);
  IF coalesce(p_decision NOT IN ('approve', 'reject', 'request_changes'), true) THEN
    RAISE EXCEPTION 'a decision is to approve, to reject or to request changes' USING ERRCODE = 'CS422';
  END IF;
  IF c.state <> 'in_review' THEN
    RAISE EXCEPTION 'campaign % is %, and only what is in review is decided on', c.id, replace(c.state, '_', ' ') USING ERRCODE = 'CS409';
  END IF;
  IF length(p_note) > 2000 THEN RAISE EXCEPTION 'a note has up to 2,000 characters' USING ERRCODE = 'CS422'; END IF;
  IF p_decision <> 'approve' AND coalesce(trim(p_note), '') = '' THEN
    RAISE EXCEPTION 'say why, so that its author knows what to do' USING ERRCODE = 'CS422';
  END IF;
  IF p_fingerprint IS DISTINCT FROM campaign_fingerprint(c.id) THEN
    RAISE EXCEPTION 'the campaign has changed since you read it; read it again before you decide' USING ERRCODE = 'CS409';
  END IF;
  IF p_assertion IS NULL AND p_decision = 'approve' AND must_sign THEN
    RAISE EXCEPTION 'this workspace asks for approvals signed with a passkey; sign with yours, or add one on your own page' USING ERRCODE = 'CS403';
  END IF;
  IF p_assertion IS NOT NULL THEN signed := signature_of(c, p_decision, me, p_assertion); END IF;

  IF p_decision = 'approve' THEN
    INSERT INTO approval (campaign_id, workspace_id, person_id, fingerprint, assertion_id)
    VALUES (c.id, c.workspace_id, me.person_id, p_fingerprint, p_assertion);
  ELSE
    PERFORM move(c, p_decision, p_note);
  END IF;
  SELECT state INTO after FROM campaign WHERE id = c.id;
  PERFORM audit('campaign.' || p_decision, 'campaign', c.id,
    jsonb_build_object('campaign_id', c.id, 'submission', c.submission, 'fingerprint', encode(p_fingerprint, 'hex'), 'decision', p_decision,
      'before', c.state, 'after', after, 'approvals', approvals_standing(c.id), 'needed', approvals_needed(c.id))
      || CASE WHEN signed IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('assertion', signed) END,
    jsonb_strip_nulls(jsonb_build_object('note', p_note)));
  RETURN after;
EXCEPTION WHEN unique_violation THEN
  RAISE EXCEPTION 'you have approved campaign % already', p_campaign USING ERRCODE = 'CS409';
END $$;

-- The assertion as audit keeps it; refuses one that is another's, of a revoked key, or signed for something else.
CREATE OR REPLACE FUNCTION signature_of(c campaign, p_decision text, me identity, p_assertion int) RETURNS jsonb
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  a assertion;
  k passkey;
BEGIN
  SELECT * INTO a FROM assertion WHERE id = p_assertion AND person_id = me.person_id;
  -- two decisions by one key come one after the other, and the first alone introduces it
  SELECT * INTO k FROM passkey WHERE id = a.passkey_id AND revoked_at IS NULL FOR NO KEY UPDATE;
  IF k.id IS NULL OR a.challenge <> challenge_of(c, campaign_fingerprint(c.id), p_decision) THEN
    RAISE EXCEPTION 'this signature is not yours, or not for this decision; sign again' USING ERRCODE = 'CS403';
  END IF;
  IF NOT EXISTS (SELECT FROM audit x WHERE x.workspace_id = c.workspace_id AND x.object = 'passkey' AND x.object_id = k.id)
     AND NOT EXISTS (SELECT FROM audit_pending x WHERE x.workspace_id = c.workspace_id AND x.object = 'passkey' AND x.object_id = k.id) THEN
    PERFORM audit('passkey.introduce', 'passkey', k.id, jsonb_build_object('person_id', k.person_id, 'credential_id', k.credential_id,
      'public_key', base64url(k.public_key)));
  END IF;
  RETURN jsonb_build_object('credential_id', k.credential_id, 'client_data_json', base64url(a.client_data_json),
    'authenticator_data', base64url(a.authenticator_data), 'signature', base64url(a.signature), 'rp_id', a.rp_id, 'origin', a.origin);
END $$;

-- RFC 4648, 5, without padding
CREATE OR REPLACE FUNCTION base64url(p_bytes bytea) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT rtrim(translate(encode(p_bytes, 'base64'), E'+/\n', '-_'), '=')
$$;

GRANT EXECUTE ON FUNCTION decision_challenge(int, text), decide_campaign(int, text, bytea, text, int) TO countersign_portal;
