-- Whose the slots of a ceiling are: who holds more of it leaves what ends first to who holds less (rules/pace.sql).
ALTER TABLE pace ADD COLUMN taken_lane int[] NOT NULL DEFAULT '{}';
UPDATE pace SET taken_lane = array_fill(NULL::int, ARRAY[cardinality(taken_until)]) WHERE taken_until <> '{}';
