-- Channels, by super admins: an operator's account, which workspaces may send by it, and whether it is in service. The engine follows the
-- rows. A password comes sealed for its account (schema/Secrets.ts), is never told to the audit, nor shown to anybody but the engine.

CREATE OR REPLACE FUNCTION channel_columns() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['name', 'host', 'port', 'tls', 'system_id', 'password_sealed', 'system_type', 'bind_mode', 'binds', 'window_size',
               'per_second', 'burst', 'charset', 'enquire_link_seconds', 'response_seconds', 'receipt_wait', 'message_id_dress']
$$;

CREATE OR REPLACE FUNCTION channel_facts(c channel) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(c)) WHERE key = ANY (channel_columns()) AND key <> 'password_sealed'
$$;

-- CS422 unless every bound holds; lengths by SMPP 3.4, 4.1.1.
CREATE OR REPLACE FUNCTION must_be_channel(c channel) RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  wrong text := CASE
    WHEN coalesce(trim(c.name), '') = '' OR length(c.name) > 100 THEN 'a channel needs a name, of up to 100 characters'
    WHEN coalesce(c.host !~ '^[A-Za-z0-9._:-]+$', true) THEN 'a host is a name or an address'
    WHEN coalesce(c.port NOT BETWEEN 1 AND 65535, true) THEN 'a port is 1 to 65535'
    WHEN coalesce(c.system_id !~ '^[ -~]{1,15}$', true) THEN 'a system_id is 1 to 15 characters of ASCII'
    WHEN num_nonnulls(c.password, c.password_sealed) <> 1 THEN 'a channel needs a password, sealed'
    WHEN octet_length(c.password_sealed) NOT BETWEEN 33 AND 41 THEN 'a sealed password is 33 to 41 bytes'
    WHEN coalesce(c.system_type !~ '^[ -~]{0,12}$', true) THEN 'a system_type is up to 12 characters of ASCII'
    WHEN coalesce(c.bind_mode NOT IN ('transceiver', 'transmitter_and_receiver'), true) THEN 'a bind mode is transceiver or transmitter_and_receiver'
    WHEN coalesce(c.binds NOT BETWEEN 1 AND 32, true) THEN 'a channel has 1 to 32 binds'
    WHEN coalesce(c.window_size NOT BETWEEN 1 AND 1000, true) THEN 'a window is 1 to 1,000 messages'
    WHEN c.per_second < 1 OR c.burst < 1 THEN 'a rate and a burst are at least 1, or not given'
    WHEN coalesce(c.charset NOT IN ('gsm7', 'latin1'), true) THEN 'a charset is gsm7 or latin1'
    WHEN coalesce(c.enquire_link_seconds < 1 OR c.response_seconds < 1, true) THEN 'seconds are at least 1'
    WHEN coalesce(c.receipt_wait < interval '1 minute', true) THEN 'receipts are waited for at least 1 minute'
    WHEN c.message_id_dress NOT IN ('same', 'hexToDecimal', 'decimalToHex') THEN
      'message ids in receipts are the same, hexToDecimal, decimalToHex, or not known yet'
    WHEN c.tls IS NULL THEN 'tls is true or false'
  END;
BEGIN
  IF wrong IS NOT NULL THEN RAISE EXCEPTION '%', wrong USING ERRCODE = 'CS422'; END IF;
END $$;

CREATE OR REPLACE FUNCTION channel_over(c channel, p_channel jsonb) RETURNS channel
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  IF p_channel ? 'password' THEN
    RAISE EXCEPTION 'a channel''s password is taken sealed only, as password_sealed' USING ERRCODE = 'CS422';
  END IF;
  PERFORM must_be_known('a channel', p_channel, channel_columns());
  BEGIN
    c := jsonb_populate_record(c, p_channel);
  EXCEPTION WHEN data_exception THEN
    -- not in Postgres' words, which may quote a secret
    RAISE EXCEPTION 'a value of this channel can''t be read' USING ERRCODE = 'CS422';
  END;
  -- the owner's plain one gives way to it
  IF p_channel ? 'password_sealed' THEN c.password := NULL; END IF;
  PERFORM must_be_channel(c);
  c.name := trim(c.name);
  RETURN c;
END $$;

CREATE OR REPLACE FUNCTION locked_channel(p_channel int) RETURNS channel
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  c channel;
BEGIN
  PERFORM must('installation.manage');
  SELECT * INTO c FROM channel WHERE id = p_channel FOR NO KEY UPDATE;
  IF c.id IS NULL THEN RAISE EXCEPTION 'channel % does not exist', p_channel USING ERRCODE = 'CS404'; END IF;
  RETURN c;
END $$;

-- By column ({"name", "host", "port", "system_id", "password_sealed", …}). Out of service until it is enabled. Gives the id.
CREATE OR REPLACE FUNCTION create_channel(p_channel jsonb) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me identity := must('installation.manage');
  c  channel := jsonb_populate_record(NULL::channel, '{"tls": false, "system_type": "", "bind_mode": "transceiver", "binds": 1, "window_size": 10,
    "charset": "gsm7", "enquire_link_seconds": 30, "response_seconds": 30, "receipt_wait": "72 hours"}');
BEGIN
  c := channel_over(c, p_channel);
  INSERT INTO channel (name, host, port, tls, system_id, password_sealed, system_type, bind_mode, binds, window_size, per_second, burst,
                       charset, enquire_link_seconds, response_seconds, receipt_wait, message_id_dress, enabled)
  VALUES (c.name, c.host, c.port, c.tls, c.system_id, c.password_sealed, c.system_type, c.bind_mode, c.binds, c.window_size, c.per_second,
          c.burst, c.charset, c.enquire_link_seconds, c.response_seconds, c.receipt_wait, c.message_id_dress, false)
  ON CONFLICT (name) DO NOTHING RETURNING * INTO c;
  IF c.id IS NULL THEN
    RAISE EXCEPTION 'there is a channel of this name already' USING ERRCODE = 'CS409';
  END IF;
  PERFORM audit_installation('channel.create', 'channel', c.id, jsonb_build_object('after', channel_facts(c)));
  RETURN c.id;
END $$;

-- Changes what is named and nothing else. A password is sealed for host, port and system_id, so each comes with the others: who moves a
-- channel shows that they know its password.
CREATE OR REPLACE FUNCTION change_channel(p_channel int, p_change jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  old    channel := locked_channel(p_channel);
  new    channel := channel_over(old, p_change);
  before jsonb := channel_facts(old);
  after  jsonb;
BEGIN
  SELECT coalesce(jsonb_object_agg(key, value), '{}'), coalesce(jsonb_object_agg(key, before -> key), '{}') INTO after, before
    FROM jsonb_each(channel_facts(new)) WHERE value <> before -> key;
  IF to_jsonb(new) = to_jsonb(old) THEN RETURN; END IF;
  IF (new.host, new.port, new.system_id) <> (old.host, old.port, old.system_id) AND NOT p_change ? 'password_sealed' THEN
    RAISE EXCEPTION 'a channel''s password is for its host, port and system_id; give it again to change one of them'
      USING ERRCODE = 'CS422';
  END IF;
  IF p_change ? 'password_sealed' AND NOT p_change ?& ARRAY['host', 'port', 'system_id'] THEN
    RAISE EXCEPTION 'a channel''s password comes with the host, port and system_id that it was sealed for' USING ERRCODE = 'CS422';
  END IF;
  UPDATE channel SET name = new.name, host = new.host, port = new.port, tls = new.tls, system_id = new.system_id, password = new.password,
         password_sealed = new.password_sealed, system_type = new.system_type, bind_mode = new.bind_mode, binds = new.binds,
         window_size = new.window_size, per_second = new.per_second, burst = new.burst, charset = new.charset,
         enquire_link_seconds = new.enquire_link_seconds, response_seconds = new.response_seconds, receipt_wait = new.receipt_wait,
         message_id_dress = new.message_id_dress
   WHERE id = old.id;
  PERFORM audit_installation('channel.change', 'channel', old.id,
    jsonb_build_object('before', before, 'after', after, 'password_changed', p_change ? 'password_sealed'));
EXCEPTION WHEN unique_violation THEN
  RAISE EXCEPTION 'there is a channel of this name already' USING ERRCODE = 'CS409';
END $$;

-- In service or not. What goes by it waits while it is not: the engine lets go of it within seconds.
CREATE OR REPLACE FUNCTION switch_channel(p_channel int, p_enabled boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c channel := locked_channel(p_channel);
BEGIN
  IF p_enabled IS NULL THEN
    RAISE EXCEPTION 'a channel is enabled or disabled' USING ERRCODE = 'CS422';
  ELSIF c.enabled = p_enabled THEN
    RAISE EXCEPTION 'channel “%” is % already', c.name, CASE WHEN p_enabled THEN 'enabled' ELSE 'disabled' END USING ERRCODE = 'CS409';
  END IF;
  UPDATE channel SET enabled = p_enabled WHERE id = c.id;
  PERFORM audit_installation(CASE WHEN p_enabled THEN 'channel.enable' ELSE 'channel.disable' END, 'channel', c.id,
    jsonb_build_object('before', jsonb_build_object('enabled', c.enabled), 'after', jsonb_build_object('enabled', p_enabled)));
END $$;

-- In both chains: the installation's, and that of the workspace, which it concerns.
CREATE OR REPLACE FUNCTION audit_grant(p_action text, c channel, p_workspace int) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  me identity := acting();
BEGIN
  PERFORM audit_installation(p_action, 'channel', c.id, jsonb_build_object('workspace_id', p_workspace));
  PERFORM audit_row(p_workspace, me.person_id, me.role, p_action, 'channel', c.id, jsonb_build_object('name', c.name), '{}');
END $$;

CREATE OR REPLACE FUNCTION grant_channel(p_channel int, p_workspace int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c channel := locked_channel(p_channel);
  w workspace := locked_workspace(p_workspace);
BEGIN
  INSERT INTO channel_grant (channel_id, workspace_id) VALUES (c.id, w.id) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'channel “%” is granted to workspace “%” already', c.name, w.name USING ERRCODE = 'CS409';
  END IF;
  PERFORM audit_grant('channel.grant', c, w.id);
END $$;

-- Refused while something goes by it there: that would wait for ever. Who wants it to stop now disables the channel, or stops the campaigns.
CREATE OR REPLACE FUNCTION withdraw_channel(p_channel int, p_workspace int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c channel := locked_channel(p_channel);
  w workspace := locked_workspace(p_workspace);
  n int;
BEGIN
  IF NOT EXISTS (SELECT FROM channel_grant WHERE channel_id = c.id AND workspace_id = w.id) THEN
    RAISE EXCEPTION 'channel “%” is not granted to workspace “%”', c.name, w.name USING ERRCODE = 'CS409';
  END IF;
  n := unfinished_campaigns(w.id, c.id);
  IF n > 0 THEN
    RAISE EXCEPTION 'workspace “%” has % channel “%”; stop % end first', w.name,
      CASE n WHEN 1 THEN '1 campaign that is not finished and goes by' ELSE n || ' campaigns that are not finished and go by' END, c.name,
      CASE n WHEN 1 THEN 'it or let it' ELSE 'them or let them' END USING ERRCODE = 'CS409';
  END IF;
  DELETE FROM channel_grant WHERE channel_id = c.id AND workspace_id = w.id;
  PERFORM audit_grant('channel.withdraw', c, w.id);
END $$;

GRANT EXECUTE ON FUNCTION create_channel(jsonb), change_channel(int, jsonb), switch_channel(int, boolean), grant_channel(int, int),
  withdraw_channel(int, int) TO countersign_portal;
