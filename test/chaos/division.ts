import type { Settings } from '../process.ts'

/** How a run divides its work: as usual, or among three threads in parts of 50 documents, and into seven buckets. */
export const divisions = ['usual', 'small'] as const
export type Division = (typeof divisions)[number]

export const settingsFor: Record<Division, Settings> = {
  usual: {},
  small: { LINGOT_WORKERS: '3', NODE_OPTIONS: `--import ${new URL('small_portions.js', import.meta.url).href}` },
}
