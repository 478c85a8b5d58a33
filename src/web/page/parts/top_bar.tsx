import { CirclePlay, CloudOff, LoaderCircle } from 'lucide'
import { useState } from 'preact/hooks'
import type { Status } from '../../api.ts'
import { isReport, problemOf, request } from '../data.ts'
import { useFormat } from '../format.ts'
import { useMessages } from '../language.ts'
import { useStatus } from '../status.ts'
import { authorization, readToken } from '../token.ts'
import { Icon } from './icon.tsx'

/** How things stand: which run made the numbers, whether one is under way, and the button that starts one. */
export function TopBar() {
  const { status, isConnected } = useStatus()
  const messages = useMessages()
  if (isReport) return null
  return (
    <header class="top-bar">
      <div class="state" role="status">
        {!isConnected || status === undefined ? (
          <p class={isConnected ? 'quiet' : 'warning'}>
            {!isConnected && <Icon of={CloudOff} />} {isConnected ? messages.loading : messages.notConnected}
          </p>
        ) : status.running ? (
          <Running running={status.running} />
        ) : (
          <Rest status={status} />
        )}
      </div>
      {status?.canRun && readToken() !== null && <RunButton isRunning={status.running !== null} />}
    </header>
  )
}

function Rest({ status: { gold, last, down } }: { status: Status }) {
  const messages = useMessages()
  const format = useFormat()
  if (down.length > 0) {
    return (
      <p class="warning">
        <Icon of={CloudOff} /> {messages.down(down)}
      </p>
    )
  }
  return (
    <p>
      {gold === null ? messages.noGold : messages.goldMade(format.time(gold.started))}
      {last?.outcome === 'failed' && (
        <span class="warning">
          {' '}
          {messages.lastFailed(format.time(last.started))} {last.failure?.split('\n')[0]}
        </span>
      )}
    </p>
  )
}

function Running({ running: { step, done, total, command } }: { running: NonNullable<Status['running']> }) {
  const messages = useMessages()
  const format = useFormat()
  const share = done !== null && total ? Math.min(done / total, 1) : null
  return (
    <div class="running">
      <Icon of={LoaderCircle} />
      <span>{messages.running(command, step)}</span>
      {share !== null && (
        <>
          <progress value={share} max={1} aria-label={messages.running(command, step)} />
          <span class="number quiet">{format.percent(share * 100, 0)}</span>
        </>
      )}
    </div>
  )
}

function RunButton({ isRunning }: { isRunning: boolean }) {
  const messages = useMessages()
  const [isAsked, setIsAsked] = useState(false)
  const [refusal, setRefusal] = useState<string>()
  const start = async () => {
    setIsAsked(true)
    setRefusal(undefined)
    try {
      await request('/api/runs', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...authorization() },
        body: '{}',
      })
    } catch (error) {
      setRefusal(messages.problem(problemOf(error)).text || messages.notConnected)
    } finally {
      setIsAsked(false)
    }
  }
  return (
    <div class="run">
      {refusal && (
        <span class="warning" role="alert">
          {refusal}
        </span>
      )}
      <button type="button" class="button main" disabled={isRunning || isAsked} onClick={start}>
        <Icon of={CirclePlay} />
        {messages.startRun}
      </button>
    </div>
  )
}
