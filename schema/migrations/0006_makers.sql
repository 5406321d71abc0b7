-- Loading and sealing an audience name who does it from here on: rules/audience.sql makes both functions anew.

DROP FUNCTION IF EXISTS load_audience(int, text[]);

DROP FUNCTION IF EXISTS seal_audience(int);
