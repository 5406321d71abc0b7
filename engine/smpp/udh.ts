/**
 * The user data header that joins the parts of a long message (3GPP TS 23.040, 9.2.3.24.1), at the beginning of a
 * short_message whose esm_class has 0x40 set.
 *
 * Of the two kinds it has the reference of 8 bits. The one of 16 (9.2.3.24.8) repeats less often, but takes an octet of
 * every part (152 septets for 153, 66 characters of UCS-2 for 67), so that some texts need a part more, and not every
 * operator or phone reads it. What it would save us from, parts of two messages taken for one, needs two messages with the
 * same reference from one sender on their way to one phone at once: `referenceOf` (dispatch/compose.ts) makes that rare.
 */

/** esm_class bit that says that a header is there (SMPP 3.4, 5.2.12). */
export const udhIndicator = 0x40

/** Where in the header the reference is. */
export const referenceAt = 3

/** `05 00 03 rr tt pp`: 6 octets. Parts count from 1; the reference, one octet, is written in for each recipient. */
export const concatenation = (total: number, part: number): Uint8Array => Uint8Array.of(5, 0, 3, 0, total, part)
