/** `npm run press-start -- 5`: a campaign that waits for somebody to press Start begins. */
import { pressed } from "./Move.ts"

pressed({
  command: "press-start",
  action: "start",
  done: "Started",
  description:
    "Start a campaign that waits for somebody to press Start (send it with --start-by-hand), once its time has come."
})
