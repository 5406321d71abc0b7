/** What `npm run send` can be told. */
import { Flag } from "effect/cli"

export const options = {
  sender: Flag.String("sender").pipe(Flag.withDescription("In whose name: a sender of the workspace, such as CorpIT")),
  text: Flag.String("text").pipe(Flag.withDescription("What every recipient gets")),
  numbers: Flag.String("numbers").pipe(
    Flag.withMetavar("file"),
    Flag.withDescription("File of phone numbers: .txt with one a line, or .csv")
  ),
  column: Flag.String("column").pipe(
    Flag.optional,
    Flag.withDescription("Column of the csv that holds the number; the first one unless given")
  ),
  name: Flag.String("name").pipe(
    Flag.optional,
    Flag.withDescription("What the campaign is called; the beginning of its text unless given")
  ),
  workspace: Flag.String("workspace").pipe(
    Flag.withDefault("IT department"),
    Flag.withDescription("For which department")
  ),
  as: Flag.String("as").pipe(
    Flag.withMetavar("email"),
    Flag.withDefault("dana@demo.example"),
    Flag.withDescription("Who writes it")
  ),
  approveAs: Flag.String("approve-as").pipe(
    Flag.withMetavar("email"),
    Flag.optional,
    Flag.withDescription("Who signs it as the second person, without being asked (for scripts)")
  ),
  yes: Flag.Boolean("yes").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Let the first demo user sign who may, without being asked")
  ),
  resend: Flag.Boolean("resend").pipe(
    Flag.withDefault(false),
    Flag.withDescription("After a crash send again what got no answer (may arrive twice); else it is held as unknown")
  ),
  wait: Flag.Int("wait").pipe(
    Flag.withMetavar("seconds"),
    Flag.withDefault(60),
    Flag.withDescription("How long to wait for the last receipts")
  )
} as const

export interface SendOptions {
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
