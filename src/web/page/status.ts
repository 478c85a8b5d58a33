import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import type { Status } from '../api.ts'
import { base } from './base.ts'

/** What is there and what goes on, as the server tells it. */
export interface LiveStatus {
  status: Status | undefined
  /** Whether the server was heard of lately. */
  isConnected: boolean
  /** Counts how often other gold came into place since the page was opened. */
  generation: number
}

const nothingYet: LiveStatus = { status: undefined, isConnected: true, generation: 0 }

export const StatusContext = createContext<LiveStatus>(nothingYet)

export function useStatus(): LiveStatus {
  return useContext(StatusContext)
}

/** Listens to the server; the browser connects again by itself when it was away. */
export function useLiveStatus(isReport: boolean): LiveStatus {
  const [live, setLive] = useState<LiveStatus>(nothingYet)
  useEffect(() => {
    if (isReport) return
    let events: EventSource | undefined
    let again: ReturnType<typeof setTimeout> | undefined
    const listen = () => {
      events = new EventSource(`${base}/api/events`)
      events.onmessage = ({ data }) => {
        const status = JSON.parse(data) as Status
        setLive((before) => ({
          status,
          isConnected: true,
          generation: before.generation + (isOther(before, status) ? 1 : 0),
        }))
      }
      events.onerror = () => {
        setLive((before) => ({ ...before, isConnected: false }))
        if (events?.readyState !== EventSource.CLOSED) return
        again = setTimeout(listen, 3000)
      }
    }
    listen()
    return () => {
      events?.close()
      clearTimeout(again)
    }
  }, [isReport])
  return live
}

/** Whether other gold is in place than before; PostgreSQL going away is told by what asks it. */
function isOther({ status: before }: LiveStatus, now: Status): boolean {
  return before !== undefined && now.gold !== null && before.gold?.run !== now.gold.run
}
