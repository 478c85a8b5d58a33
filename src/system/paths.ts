import { relative } from 'node:path'

/** Where a file is, as seen from here; in full where it is not within. */
export function fromHere(file: string): string {
  const path = relative(process.cwd(), file)
  return path.startsWith('..') || path === '' ? file : path
}
