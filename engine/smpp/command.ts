/**
 * The commands of SMPP 3.4 by name and command_id (5.1.2.1). A response's id is its request's with the top bit set.
 */

const table = {
  generic_nack: 0x80000000,
  bind_receiver: 0x00000001,
  bind_receiver_resp: 0x80000001,
  bind_transmitter: 0x00000002,
  bind_transmitter_resp: 0x80000002,
  query_sm: 0x00000003,
  query_sm_resp: 0x80000003,
  submit_sm: 0x00000004,
  submit_sm_resp: 0x80000004,
  deliver_sm: 0x00000005,
  deliver_sm_resp: 0x80000005,
  unbind: 0x00000006,
  unbind_resp: 0x80000006,
  replace_sm: 0x00000007,
  replace_sm_resp: 0x80000007,
  cancel_sm: 0x00000008,
  cancel_sm_resp: 0x80000008,
  bind_transceiver: 0x00000009,
  bind_transceiver_resp: 0x80000009,
  outbind: 0x0000000b,
  enquire_link: 0x00000015,
  enquire_link_resp: 0x80000015,
  submit_multi: 0x00000021,
  submit_multi_resp: 0x80000021,
  alert_notification: 0x00000102,
  data_sm: 0x00000103,
  data_sm_resp: 0x80000103
} as const satisfies Record<string, number>

export type CommandName = keyof typeof table

/** command_id by name. */
export const commandId: { readonly [Name in CommandName]: (typeof table)[Name] } = table

const names = new Map(Object.entries(table).map(([name, id]) => [id as number, name as CommandName]))

/** Every command's name, in the order of 5.1.2.1. */
export const commandNames = Object.keys(table) as ReadonlyArray<CommandName>

/** Name of a command_id; `undefined` for one that SMPP 3.4 doesn't have (answered with generic_nack, 4.3). */
export const commandName = (id: number): CommandName | undefined => names.get(id)

/** Whether the id is a response's. Responses, generic_nack among them, are never answered. */
export const isResponse = (id: number): boolean => id >= 0x80000000

/** command_id of the response to a request. Requests without one (alert_notification, outbind) are the caller's to know. */
export const responseId = (requestId: number): number => (requestId | 0x80000000) >>> 0

/** SMPP 3.4, 5.2.4: what a bind states as its interface_version. */
export const interfaceVersion = 0x34
