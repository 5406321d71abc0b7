/** What `npm run send` can be told. */
import { Flag } from "effect/cli"
import type { ScheduleOptions } from "./Schedule.ts"

export const options = {
  sender: Flag.String("sender").pipe(
    Flag.withDescription("In whose name: a sender of the workspace, such as CorpIT (needed)")
  ),
  text: Flag.String("text").pipe(Flag.withDescription("What every recipient gets (needed)")),
  numbers: Flag.String("numbers").pipe(
    Flag.withMetavar("file"),
    Flag.withDescription("File of phone numbers: .txt with one a line, or .csv (needed)")
  ),
  column: Flag.String("column").pipe(
    Flag.optional,
    Flag.withDescription("Column of the csv that holds the number (default: the first one)")
  ),
  name: Flag.String("name").pipe(
    Flag.optional,
    Flag.withDescription("What the campaign is called (default: the beginning of its text)")
  ),
  workspace: Flag.String("workspace").pipe(
    Flag.withDefault("IT department"),
    Flag.withDescription("For which department (default: IT department)")
  ),
  as: Flag.String("as").pipe(
    Flag.withMetavar("email"),
    Flag.withDefault("dana@demo.example"),
    Flag.withDescription("Who writes it (default: dana@demo.example)")
  ),
  approveAs: Flag.String("approve-as").pipe(
    Flag.withMetavar("email"),
    Flag.optional,
    Flag.withDescription("Who signs it as the second person, for scripts (default: you are asked)")
  ),
  yes: Flag.Boolean("yes").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Let the first demo user sign who may, without asking (default: no)")
  ),
  resend: Flag.Boolean("resend").pipe(
    Flag.withDefault(false),
    Flag.withDescription(
      "After a crash send again what got no answer; may arrive twice (default: no, it is held as unknown)"
    )
  ),
  at: Flag.String("at").pipe(
    Flag.withMetavar("time"),
    Flag.optional,
    Flag.withDescription(
      'When it starts: "2026-11-23 18:00", or 18:00 for the next 18:00, by the workspace\'s clocks (default: once it is signed)'
    )
  ),
  spread: Flag.String("spread").pipe(
    Flag.withMetavar("time"),
    Flag.optional,
    Flag.withDescription('Evenly over 30m, 2h or 3d, or "until 2026-12-01 18:00" (default: as fast as it may)')
  ),
  window: Flag.String("window").pipe(
    Flag.withMetavar("from-to"),
    Flag.optional,
    Flag.withDescription("Only in these hours of each day: 09:00-18:00 (default: around the clock)")
  ),
  ceiling: Flag.String("ceiling").pipe(
    Flag.withMetavar("number"),
    Flag.optional,
    Flag.withDescription("At most so many messages a second (default: what the channel takes)")
  ),
  end: Flag.String("end").pipe(
    Flag.withMetavar("time"),
    Flag.optional,
    Flag.withDescription("What has not left by then is not sent any more (default: no end)")
  ),
  zone: Flag.String("zone").pipe(
    Flag.optional,
    Flag.withDescription("Whose clocks are meant, such as Europe/Berlin (default: the workspace's)")
  ),
  startByHand: Flag.Boolean("start-by-hand").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Once its time has come it waits for somebody to press Start: npm run press-start")
  ),
  wait: Flag.Int("wait").pipe(
    Flag.withMetavar("seconds"),
    Flag.withDefault(60),
    Flag.withDescription("How long to wait for receipts after the last submission (default: 60)")
  )
} as const

export interface SendOptions extends ScheduleOptions {
  readonly sender: string
  readonly text: string
  readonly numbers: string
  readonly column: string | undefined
  readonly name: string | undefined
  readonly workspace: string
  readonly as: string
  readonly approveAs: string | undefined
  readonly yes: boolean
  readonly resend: boolean
  readonly wait: number
}
