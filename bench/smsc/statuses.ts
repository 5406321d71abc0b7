// command_status by name or number, as options and listings write it.

import { status, statusOf } from "#engine/smpp/status.ts"

const codes: Readonly<Record<string, number>> = status

/** The code of a name, or of a number written as 88 or 0x58; undefined beyond 0xFFFE, which is more than a row can hold. */
export const statusCode = (text: string): number | undefined => {
  if (Object.hasOwn(codes, text)) return codes[text]
  if (!/^(0x[0-9a-fA-F]{1,8}|\d{1,10})$/.test(text)) return undefined
  return Number(text) < 0xffff ? Number(text) : undefined
}

/** The name of a code, or the code in hexadecimal if the specification has no name for it. */
export const statusName = (code: number): string => statusOf(code).name
