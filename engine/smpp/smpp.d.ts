/** The little that our tests use of the npm package `smpp` 0.5.1, which has no types. */
declare module "smpp" {
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
  const smpp: { readonly PDU: typeof PDU }
  export default smpp
}
