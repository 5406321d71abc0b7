/** `npm run pause -- 5`: nothing more of it leaves until somebody resumes it. */
import { pressed } from "./Move.ts"

pressed({
  command: "pause",
  action: "pause",
  done: "Paused",
  description:
    "Pause a campaign: nothing more of it leaves until somebody resumes it. What its operator has still arrives."
})
