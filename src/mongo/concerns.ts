/** On disk before it is answered, with all that was written before: a server that is killed does not forget it. */
export const DURABLE = { w: 'majority', journal: true } as const

/** On disk a moment later: what was written after it is never kept without it. */
export const ORDERED = { w: 'majority', journal: false } as const
