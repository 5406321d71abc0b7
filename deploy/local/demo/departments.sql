-- The rest of the demo, beside what demo.sql makes: two more departments, and people for every role in all four.

INSERT INTO workspace (name, country, time_zone) VALUES ('Finance', 'UZ', 'Asia/Tashkent'), ('Corporate', 'UZ', 'Asia/Tashkent') ON CONFLICT DO NOTHING;

INSERT INTO person (email, name) VALUES
  ('nadia@demo.example', 'Nadia Moderator'), ('farid@demo.example', 'Farid Author'), ('lena@demo.example', 'Lena Moderator'),
  ('marat@demo.example', 'Marat Admin'), ('kate@demo.example', 'Kate Author') ON CONFLICT DO NOTHING;
INSERT INTO person (email, name, super_admin) VALUES ('sardor@demo.example', 'Sardor Super', true) ON CONFLICT DO NOTHING;

INSERT INTO membership (workspace_id, person_id, role, moderator)
SELECT w.id, p.id, m.role, m.flag
  FROM (VALUES ('Human resources', 'nadia@demo.example', 'moderator', false),
               ('Finance', 'farid@demo.example', 'author', true), ('Finance', 'lena@demo.example', 'moderator', false),
               ('Finance', 'marat@demo.example', 'admin', false),
               ('Corporate', 'kate@demo.example', 'author', false), ('Corporate', 'ivan@demo.example', 'moderator', false),
               ('Corporate', 'marat@demo.example', 'admin', false)) AS m (workspace, email, role, flag)
  JOIN workspace w ON w.name = m.workspace JOIN person p ON p.email = m.email
ON CONFLICT DO NOTHING;

INSERT INTO sender (workspace_id, label, created_by)
SELECT w.id, s.label, p.id
  FROM (VALUES ('Finance', 'CorpPay'), ('Corporate', 'Corp')) AS s (workspace, label)
  JOIN workspace w ON w.name = s.workspace JOIN person p ON p.email = 'marat@demo.example'
ON CONFLICT DO NOTHING;

INSERT INTO sender_revision (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, reason, status, made_by, decided_by, decided_at)
SELECT s.workspace_id, s.id, 1, s.label, 5, 0, 'Known to all staff', 'approved', s.created_by, p.id, now()
  FROM sender s JOIN person p ON p.email = CASE s.label WHEN 'CorpPay' THEN 'lena@demo.example' ELSE 'ivan@demo.example' END
 WHERE s.label IN ('CorpPay', 'Corp')
ON CONFLICT DO NOTHING;

INSERT INTO channel_grant (channel_id, workspace_id)
SELECT c.id, w.id FROM channel c, workspace w WHERE c.name = 'Simulator' ON CONFLICT DO NOTHING;
