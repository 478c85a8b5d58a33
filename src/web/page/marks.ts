import type { Marks } from '../api.ts'
import { useResource } from './data.ts'

/** What the shop aims at and what happened. */
export function useMarks() {
  return useResource<Marks>('/api/marks')
}
