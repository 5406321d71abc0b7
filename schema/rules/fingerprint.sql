-- The fingerprint: SHA-256 over everything an approver approved, always computed from what stands in the tables now and
-- never kept beside it, so that nothing can change without changing it.
--
-- What is hashed is a run of netstrings ("5:hello,"; "-," for null), so that it is unambiguous and an outsider can
-- compute it from an export with any SHA-256.

CREATE OR REPLACE FUNCTION netstrings(VARIADIC fields text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN (SELECT string_agg(coalesce(octet_length(f) || ':' || f, '-') || ',', '' ORDER BY ord) FROM unnest(fields) WITH ORDINALITY AS u (f, ord));
END $$;

-- Takes a campaign; gives 32 bytes, or null while one of its lanes is still being loaded.
CREATE OR REPLACE FUNCTION campaign_fingerprint(p_campaign int) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  content text;
  lanes   text;
BEGIN
  SELECT netstrings('countersign/3', c.workspace_id::text, c.id::text, c.name, c.mode, c.text, c.segments::text, c.on_lost_answer,
           c.validity_minutes::text, extract(epoch FROM c.starts_at)::text, extract(epoch FROM c.ends_at)::text, c.starts_automatically::text,
           c.time_zone, c.window_from::text, c.window_to::text, c.per_second::text, c.spread_minutes::text,
           r.id::text, r.status, r.saddr, r.source_addr_ton::text, r.source_addr_npi::text, r.dest_addr_ton::text, r.dest_addr_npi::text)
    INTO content
    FROM campaign c JOIN sender_revision r ON r.id = c.sender_revision_id
   WHERE c.id = p_campaign;

  -- a lane without its digest makes the whole null; one that is fed grows, and its approvers were told so
  SELECT CASE WHEN bool_and(l.audience_digest IS NOT NULL) THEN
           string_agg(netstrings(CASE c.mode WHEN 'trigger' THEN 'fed' ELSE l.recipients::text END, encode(l.audience_digest, 'hex'),
             (SELECT string_agg(channel_id::text, ' ' ORDER BY channel_id) FROM lane_channel WHERE lane_id = l.id)), '' ORDER BY l.id) END
    INTO lanes
    FROM lane l JOIN campaign c ON c.id = l.campaign_id WHERE l.campaign_id = p_campaign;

  RETURN sha256(convert_to(content || lanes, 'UTF8'));
END $$;

-- The same for who may see the campaign.
CREATE OR REPLACE FUNCTION fingerprint_of(p_campaign int) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM must_see((SELECT c.workspace_id FROM campaign c WHERE c.id = p_campaign), 'campaign ' || p_campaign);
  RETURN campaign_fingerprint(p_campaign);
END $$;

GRANT EXECUTE ON FUNCTION fingerprint_of(int) TO countersign_portal, countersign_engine;
