-- A campaign that its daily window has paused goes on by itself when the window opens; one that a person has paused does not.
ALTER TABLE campaign
  ADD COLUMN waits_for_window boolean NOT NULL DEFAULT false CHECK (NOT waits_for_window OR state = 'paused'),
  -- of one that is sending: when its window closes; of one that waits for it: when it opens. Kept, because a look at a thousand
  -- campaigns twice a second would compute it a thousand times
  ADD COLUMN window_turns_at timestamptz;

-- Recipients a second that a spread campaign's schedule asks for: what catching up is measured by.
ALTER TABLE lane ADD COLUMN asked_pace float8;
