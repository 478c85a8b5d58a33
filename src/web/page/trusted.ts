import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Trusted } from '../api.ts'
import { useResource } from './data.ts'

/** How far each table of gold can be trusted: asked for once, by whatever page. */
export const TrustedContext = createContext<Trusted | undefined>(undefined)

export function useTrusted(): Trusted | undefined {
  return useContext(TrustedContext)
}

export function useReadTrusted(): Trusted | undefined {
  return useResource<Trusted>('/api/trusted').data
}
