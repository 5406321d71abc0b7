/**
 * The little that our tests use of the npm package `smpp` 0.5.1, which has no types: its codec as a witness of ours, its
 * client against the simulator, its server as an operator for the engine.
 */
declare module "smpp" {
  import type { EventEmitter } from "node:events"

  export class PDU {
    constructor(command: string, options?: Record<string, unknown>)
    constructor(bytes: Buffer)
    command: string
    command_length: number
    command_id: number
    command_status: number
    sequence_number: number;
    [field: string]: unknown
    toBuffer(): Buffer
  }

  export interface ForeignPdu {
    readonly command: string
    readonly command_status: number
    readonly sequence_number: number
    readonly message_id?: string
    readonly source_addr?: string
    readonly destination_addr?: string
    readonly short_message?: { readonly message: string | Buffer } | string | Buffer
    readonly receipted_message_id?: string
    readonly message_state?: number
    readonly sc_interface_version?: number
    response(fields?: Readonly<Record<string, unknown>>): ForeignPdu
  }

  type Fields = Readonly<Record<string, unknown>>
  type Answered = (pdu: ForeignPdu) => void

  export interface ForeignSession extends EventEmitter {
    bind_transceiver(fields: Fields, answered: Answered): void
    submit_sm(fields: Fields, answered: Answered): void
    submit_multi(fields: Fields, answered: Answered): void
    deliver_sm(fields: Fields, answered?: Answered): void
    enquire_link(answered: Answered): void
    unbind(answered: Answered): void
    send(pdu: ForeignPdu): boolean
    pause(): void
    resume(): void
    close(): void
  }

  export interface ForeignServer extends EventEmitter {
    listen(port: number, host: string, listening?: () => void): void
    address(): { readonly port: number }
    close(closed?: () => void): void
  }

  const smpp: {
    readonly PDU: typeof PDU
    connect(options: { readonly url: string }, connected?: () => void): ForeignSession
    createServer(onSession: (session: ForeignSession) => void): ForeignServer
  }
  export default smpp
}
