/*
 * Milliseconds for which a page or an assistant is worked for, who wait; a terminal gives both all the time that they take.
 */

/** For how long records are read to explain a number. */
export const EXPLAIN_MS = 10_000

/** For how long it is looked for why a number changed. */
export const WHY_MS = 30_000
