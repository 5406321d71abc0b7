-- Demo data: two departments, the people in them, a sender name and the simulator as operator. Safe to run again.

INSERT INTO workspace (name, country, time_zone) VALUES ('IT department', 'UZ', 'Asia/Tashkent'), ('Human resources', 'UZ', 'Asia/Tashkent')
ON CONFLICT DO NOTHING;

INSERT INTO person (email, name) VALUES
  ('dana@demo.example', 'Dana Author'), ('ivan@demo.example', 'Ivan Moderator'),
  ('olga@demo.example', 'Olga Admin'), ('timur@demo.example', 'Timur Author') ON CONFLICT DO NOTHING;

INSERT INTO membership (workspace_id, person_id, role)
SELECT w.id, p.id, m.role
  FROM (VALUES ('IT department', 'dana@demo.example', 'author'), ('IT department', 'ivan@demo.example', 'moderator'),
               ('IT department', 'olga@demo.example', 'admin'), ('Human resources', 'timur@demo.example', 'author'),
               ('Human resources', 'olga@demo.example', 'admin')) AS m (workspace, email, role)
  JOIN workspace w ON w.name = m.workspace JOIN person p ON p.email = m.email
ON CONFLICT DO NOTHING;

INSERT INTO sender (workspace_id, label, created_by)
SELECT w.id, s.label, p.id
  FROM (VALUES ('IT department', 'CorpIT', 'olga@demo.example'), ('Human resources', 'CorpHR', 'olga@demo.example')) AS s (workspace, label, email)
  JOIN workspace w ON w.name = s.workspace JOIN person p ON p.email = s.email
ON CONFLICT DO NOTHING;

INSERT INTO sender_revision (workspace_id, sender_id, revision, saddr, source_addr_ton, source_addr_npi, reason, status, made_by, decided_by, decided_at)
SELECT s.workspace_id, s.id, 1, s.label, 5, 0, 'Known to all staff', 'approved', s.created_by, p.id, now()
  FROM sender s JOIN person p ON p.email = 'ivan@demo.example' WHERE s.label IN ('CorpIT', 'CorpHR')
ON CONFLICT DO NOTHING;

INSERT INTO channel (name, host, port, system_id, password, binds, window_size)
VALUES ('Simulator', '127.0.0.1', 2775, 'demo', 'demo', 2, 100) ON CONFLICT DO NOTHING;

INSERT INTO channel_grant (channel_id, workspace_id)
SELECT c.id, w.id FROM channel c, workspace w WHERE c.name = 'Simulator' ON CONFLICT DO NOTHING;
