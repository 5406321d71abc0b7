-- A campaign that its daily window has paused goes on by itself when the window opens; one that a person has paused does not.
ALTER TABLE campaign ADD COLUMN waits_for_window boolean NOT NULL DEFAULT false CHECK (NOT waits_for_window OR state = 'paused');
