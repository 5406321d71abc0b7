/**
 * How values cross the driver, where we differ from it: int8 comes as a number (ids and counts; beyond 2^53 it is an
 * error, never a rounded value), and the journal's columns go as bytes that are already in Postgres' binary form.
 */
import { PgTypes } from "@effect/sql-pg"
import { Result } from "effect"
import { ArrayOid } from "./PgArray.ts"

const INT8 = 20

/** The driver's catalogue with our two differences; `Database.layer` gives it to every connection. */
export const registry = PgTypes.makeRegistry()

registry.register<number | bigint>(INT8, {
  encode: (value) => PgTypes.encode(BigInt(value), INT8),
  decode: (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const value = view.getInt32(0) * 0x1_0000_0000 + view.getUint32(4)
    return Number.isSafeInteger(value)
      ? Result.succeed(value)
      : Result.fail(new PgTypes.CodecError({ message: `${value} does not fit a JavaScript number` }))
  }
})

for (const oid of Object.values(ArrayOid)) {
  registry.register<unknown>(oid, {
    encode: (value) => (value instanceof Uint8Array ? Result.succeed(value) : PgTypes.encode(value, oid)),
    decode: (bytes) => PgTypes.decode(bytes, oid, 1)
  })
}

/** A parameter whose bytes are already what Postgres receives for an array of that type. */
export const encoded = (
  oid: (typeof ArrayOid)[keyof typeof ArrayOid],
  bytes: Uint8Array | null
): PgTypes.Parameter => ({
  [PgTypes.ParameterTypeId]: PgTypes.ParameterTypeId,
  oid,
  value: bytes
})
