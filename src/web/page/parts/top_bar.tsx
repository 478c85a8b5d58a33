import { CirclePlay, CircleStop, CloudOff, LoaderCircle } from 'lucide'
import { useRef, useState } from 'preact/hooks'
import type { Status } from '../../api.ts'
import { useAddress } from '../address.ts'
import { isReport, problemOf, request } from '../data.ts'
import { useFormat } from '../format.ts'
import { useMessages } from '../language.ts'
import { useStatus } from '../status.ts'
import { authorization, readToken } from '../token.ts'
import { Icon } from './icon.tsx'

/** How things stand: which run made the numbers, whether one is under way, and the button that starts or stops one. */
export function TopBar() {
  const { status, isConnected } = useStatus()
  const messages = useMessages()
  if (isReport) return null
  const { running = null } = status ?? {}
  return (
    <header class="top-bar">
      <div class="state" role="status">
        {!isConnected || status === undefined ? (
          <p class={isConnected ? 'quiet' : 'warning'}>
            {!isConnected && <Icon of={CloudOff} />} {isConnected ? messages.loading : messages.notConnected}
          </p>
        ) : running ? (
          <Running running={running} />
        ) : (
          <Rest status={status} />
        )}
      </div>
      {status?.canRun && readToken() !== null && <RunButton running={running} />}
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
      {last?.outcome === 'succeeded' && last.run === gold?.run && <Brought last={last} />}
      {last?.outcome === 'failed' && (
        <span class="warning">
          {' '}
          {last.wasStopped
            ? messages.wasStopped(format.time(last.started))
            : `${messages.lastFailed(format.time(last.started))} ${messages.told(last.failure?.split('\n')[0] ?? '')}`}
        </span>
      )}
    </p>
  )
}

/** What the last run came to. */
function Brought({ last: { moreOrders, checks } }: { last: NonNullable<Status['last']> }) {
  const messages = useMessages()
  const format = useFormat()
  const { link } = useAddress()
  const parts = [
    ...(moreOrders === null ? [] : [messages.moreOrders(moreOrders, format.signed(moreOrders))]),
    ...(checks === null ? [] : [messages.checksPassed(format.integer(checks.passed), format.integer(checks.all))]),
  ]
  if (parts.length === 0) return null
  return (
    <>
      {' · '}
      <a class="brought" href={`${link('trust')}#checks`}>
        {messages.done(parts.join(', '))}
      </a>
    </>
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

/** Starts a run; stops one that was started here. */
function RunButton({ running }: { running: Status['running'] }) {
  const messages = useMessages()
  // What was asked for is under way until the status tells of another run, or of none.
  const asked = useRef<string | undefined>(undefined)
  const [isAsked, setIsAsked] = useState(false)
  const [refusal, setRefusal] = useState<string>()
  const canStop = running?.isOwn === true
  const isStopping = running !== null && asked.current === running.run
  const ask = async () => {
    setIsAsked(true)
    setRefusal(undefined)
    const headers = { 'content-type': 'application/json', ...authorization() }
    try {
      await request('/api/runs', canStop ? { method: 'DELETE', headers } : { method: 'POST', headers, body: '{}' })
      if (canStop) asked.current = running.run
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
      <button
        type="button"
        class={canStop ? 'button' : 'button main'}
        disabled={isAsked || isStopping || (running !== null && !canStop)}
        onClick={ask}
      >
        <Icon of={canStop ? CircleStop : CirclePlay} />
        {isStopping ? messages.stopping : canStop ? messages.stopRun : messages.startRun}
      </button>
    </div>
  )
}
