-- Sender names belong to one workspace at a time, compared by what they look like: `saddr_owner` has one row a skeleton.
--
-- A name is claimed when a revision with it is proposed, so that two departments find out before anybody approved anything. It is
-- held as long as it can be used: by a pending or approved revision of a sender that is not archived, or by a campaign that was
-- submitted with it and has not ended, archived or not. What is not held is free for whoever claims it next: the name of a
-- rejected revision at once, that of an archived sender when the last of its campaigns has ended. Nothing has to free it; the next
-- claim looks. A sender that is restored claims its names again, and finds out whether they are still there.
--
-- The installation claims the names of its presets the same way; they are no workspace's.

-- What a name looks like, the same for all that can be taken for each other: decomposed (NFKD, so that accents fall off, but for the
-- three that it would make another letter), each character in the one form of look_alikes.sql, the rest (spaces, signs, marks) left
-- out. A number is its digits, and so is what can only be read as one (1O1, lOO); in anything else a digit stands for its letter,
-- each for another, so that Gate6 is not Gate9. Otherwise numbers and names never collide: 12345 is not IZEA5. Empty when there is
-- nothing to tell it by.
CREATE OR REPLACE FUNCTION saddr_skeleton(p_saddr text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = public, pg_temp AS $$
  SELECT CASE WHEN translate(seen, 'ol', '01') ~ '^[0-9]+$' THEN translate(seen, 'ol', '01')
              ELSE translate(seen, '0123456789', 'olzeasgtbq') END
    FROM (SELECT coalesce(string_agg(l.letters, '' ORDER BY c.at), '') AS seen
            FROM string_to_table(normalize(translate(p_saddr, 'ϲϹſ', 'ccf'), NFKD), NULL) WITH ORDINALITY AS c (character, at)
            JOIN look_alikes() l ON strpos(l.characters, c.character) > 0) AS drawn
$$;

-- Refuses with CS422 what no phone shows for certain: letters, digits and signs whose code is the same in every operator's alphabet,
-- and the underscore; a letter at least, else it is a number.
CREATE OR REPLACE FUNCTION must_be_saddr(p_saddr text) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
DECLARE
  strange text := substring(p_saddr FROM '[^A-Za-z0-9 &''+./_-]');
BEGIN
  IF coalesce(p_saddr, '') = '' THEN
    RAISE EXCEPTION 'a sender needs a name: letters, or a number' USING ERRCODE = 'CS422';
  ELSIF strange IS NOT NULL THEN
    RAISE EXCEPTION 'phones don''t show “%” (U+%) reliably; a sender name is made of A to Z, a to z, 0 to 9, space and & '' + - . / _',
      strange, lpad(upper(to_hex(ascii(strange))), 4, '0') USING ERRCODE = 'CS422';
  ELSIF p_saddr !~ '[A-Za-z]' AND p_saddr !~ '^[0-9]{3,15}$' THEN
    RAISE EXCEPTION 'a number is 3 to 15 digits and nothing else; a name has a letter' USING ERRCODE = 'CS422';
  ELSIF p_saddr ~ '[A-Za-z]' AND length(p_saddr) > 11 THEN
    RAISE EXCEPTION 'a sender name has at most 11 characters; “%” has %', p_saddr, length(p_saddr) USING ERRCODE = 'CS422';
  ELSIF p_saddr ~ '^ | $|  ' THEN
    RAISE EXCEPTION 'a sender name begins and ends without a space, and has no two in a row' USING ERRCODE = 'CS422';
  END IF;
END $$;

-- Whether a campaign that was submitted and has not ended names it.
CREATE OR REPLACE FUNCTION revision_is_in_use(r sender_revision) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM campaign c WHERE c.workspace_id = r.workspace_id AND c.sender_revision_id = r.id
                    AND c.state IN ('in_review', 'scheduled', 'sending', 'paused'))
$$;

CREATE OR REPLACE FUNCTION saddr_is_held(o saddr_owner) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  IF o.workspace_id IS NOT NULL THEN
    RETURN EXISTS (SELECT FROM sender s JOIN sender_revision r ON r.sender_id = s.id
                    WHERE s.workspace_id = o.workspace_id AND s.preset_id IS NULL AND r.status <> 'rejected'
                      AND saddr_skeleton(r.saddr) = o.skeleton AND (s.archived_at IS NULL OR revision_is_in_use(r)));
  END IF;
  RETURN EXISTS (SELECT FROM preset p WHERE saddr_skeleton(p.saddr) = o.skeleton
                    AND (p.archived_at IS NULL
                         OR EXISTS (SELECT FROM sender s JOIN sender_revision r ON r.sender_id = s.id
                                     WHERE s.preset_id = p.id AND revision_is_in_use(r))));
END $$;

-- Makes a name a workspace's own (null: the installation's), or refuses with CS409 while somebody else holds it. Whoever claims a
-- name waits for whoever is just claiming it; the row is the last lock that an act takes.
CREATE OR REPLACE FUNCTION claim_saddr(p_saddr text, p_workspace int) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  looks text := saddr_skeleton(p_saddr);
  o     saddr_owner;
BEGIN
  IF looks = '' THEN
    RAISE EXCEPTION '“%” has no letter and no digit to tell it by; choose another name', p_saddr USING ERRCODE = 'CS422';
  END IF;
  INSERT INTO saddr_owner (skeleton, workspace_id) VALUES (looks, p_workspace) ON CONFLICT DO NOTHING;
  SELECT * INTO o FROM saddr_owner WHERE skeleton = looks FOR UPDATE;
  IF o.workspace_id IS DISTINCT FROM p_workspace THEN
    IF saddr_is_held(o) THEN
      RAISE EXCEPTION '“%” is taken, or looks like a name that is: another workspace or the installation uses it; choose one that can''t be mistaken for it',
        p_saddr USING ERRCODE = 'CS409';
    END IF;
    UPDATE saddr_owner SET workspace_id = p_workspace WHERE skeleton = looks;
  END IF;
END $$;

-- No revision without its name, whoever writes it. A preset's sender claims for the installation: null.
CREATE OR REPLACE FUNCTION revision_claims_its_name() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM claim_saddr(NEW.saddr, (SELECT NEW.workspace_id FROM sender s WHERE s.id = NEW.sender_id AND s.preset_id IS NULL));
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER revision_claims_its_name AFTER INSERT ON sender_revision
  FOR EACH ROW WHEN (NEW.status <> 'rejected') EXECUTE FUNCTION revision_claims_its_name();

-- Refuses with CS409, in words, a revision that no campaign may be submitted with. Its sender stays as it is until the end of the
-- transaction, so that it isn't archived, and its name given away, in between.
CREATE OR REPLACE FUNCTION must_be_usable(p_revision int) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  r sender_revision;
  s sender;
BEGIN
  SELECT * INTO r FROM sender_revision WHERE id = p_revision;
  SELECT * INTO s FROM sender WHERE id = r.sender_id FOR SHARE;
  IF r.status <> 'approved' THEN
    RAISE EXCEPTION 'revision % of sender “%” is %, not approved; choose another', r.revision, s.label, r.status USING ERRCODE = 'CS409';
  ELSIF s.revoked_at IS NOT NULL THEN
    RAISE EXCEPTION 'the installation has taken back sender “%”; choose another', s.label USING ERRCODE = 'CS409';
  ELSIF s.archived_at IS NOT NULL THEN
    RAISE EXCEPTION 'sender “%” is archived; restore it, or choose another', s.label USING ERRCODE = 'CS409';
  ELSIF NOT EXISTS (SELECT FROM saddr_owner o WHERE o.skeleton = saddr_skeleton(r.saddr)
                       AND o.workspace_id IS NOT DISTINCT FROM CASE WHEN s.preset_id IS NULL THEN s.workspace_id END) THEN
    RAISE EXCEPTION 'the name “%” belongs to somebody else; choose another sender', r.saddr USING ERRCODE = 'CS409';
  END IF;
END $$;

-- Owners anew, from what there is, in case names look different by these rules than by the last: who uses a name before who only
-- has it in the archive, who was approved before who asks, then who came first. Where two had one, the other can't be sent with.
LOCK TABLE saddr_owner IN SHARE ROW EXCLUSIVE MODE;
DELETE FROM saddr_owner;
INSERT INTO saddr_owner (skeleton, workspace_id)
SELECT DISTINCT ON (looks) looks, workspace_id
  FROM (SELECT saddr_skeleton(r.saddr) AS looks, r.workspace_id, s.archived_at, r.status = 'approved' AS approved, r.made_at
          FROM sender_revision r JOIN sender s ON s.id = r.sender_id WHERE r.status <> 'rejected' AND s.preset_id IS NULL
        UNION ALL
        SELECT saddr_skeleton(p.saddr), NULL, p.archived_at, true, p.created_at FROM preset p) AS used
 WHERE looks <> ''
 ORDER BY looks, archived_at IS NOT NULL, NOT approved, made_at, workspace_id;
