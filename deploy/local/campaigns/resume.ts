/** `npm run resume -- 5`: what somebody has paused goes on. */
import { pressed } from "./Move.ts"

pressed({
  command: "resume",
  action: "resume",
  done: "Resumed",
  description: "Let a campaign go on that somebody has paused. One that its daily window has paused goes on by itself."
})
