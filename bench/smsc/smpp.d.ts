// The npm package `smpp` has no types; these are the parts of it that our tests use.

declare module "smpp" {
  import type { EventEmitter } from "node:events"

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
    enquire_link(answered: Answered): void
    unbind(answered: Answered): void
    send(pdu: ForeignPdu): boolean
    close(): void
  }

  const smpp: {
    connect(options: { readonly url: string }, connected?: () => void): ForeignSession
  }
  export default smpp
}
