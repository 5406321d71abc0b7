/** Sequence numbers (SMPP 3.4, 5.1.4): 1 to 0x7FFFFFFF, each request one more than the one before, then from 1 again. */

export const firstSequence = 1
export const lastSequence = 0x7fffffff

/** The number after `sequence`. Pass 0 for the first of a connection. */
export const nextSequence = (sequence: number): number => (sequence >= lastSequence ? firstSequence : sequence + 1)
