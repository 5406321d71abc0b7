-- Loading and sealing an audience, and keeping what was left out of it, name who does it from here on: rules/audience.sql
-- makes the functions anew.

DROP FUNCTION IF EXISTS load_audience(int, text[]);

DROP FUNCTION IF EXISTS seal_audience(int);

DROP FUNCTION IF EXISTS keep_rejected_lines(int, int[], text[], text[]);
