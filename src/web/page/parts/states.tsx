import { CircleAlert, Inbox, Unplug } from 'lucide'
import type { ComponentChildren } from 'preact'
import type { Problem } from '../../api.ts'
import { useMessages } from '../language.ts'
import { Icon } from './icon.tsx'

/** Stands where something will be. */
export function Loading({ height = 260 }: { height?: number }) {
  const messages = useMessages()
  return (
    <div class="loading" style={{ height: `${height}px` }} role="status">
      <span class="unseen">{messages.loading}</span>
    </div>
  )
}

/** Where there are no rows: nothing is wrong. */
export function Empty({ children }: { children?: string }) {
  const messages = useMessages()
  return (
    <p class="empty">
      <Icon of={Inbox} size={22} />
      {children ?? messages.nothingHere}
    </p>
  )
}

/** What went wrong and what to do, in the place of what cannot be shown. */
export function Trouble({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  const messages = useMessages()
  const { title, text, next } = messages.problem(problem)
  const isAway = problem.kind === 'server'
  return (
    <div class="trouble" role="alert">
      <Icon of={isAway ? Unplug : CircleAlert} size={26} />
      <h2>{title}</h2>
      <Reason text={text} next={next} />
      {isAway && <p class="quiet">{messages.triesAgain}</p>}
      {onRetry !== undefined && (
        <button type="button" class="button" onClick={onRetry}>
          {messages.retry}
        </button>
      )}
    </div>
  )
}

/** Why something cannot be shown, and what to do. */
export function Reason({ text, next }: { text: string; next: string | null }) {
  return (
    <>
      {text !== '' && <p>{withCode(text)}</p>}
      {next && <p class="quiet">{withCode(next)}</p>}
    </>
  )
}

/** A text with what stands between backticks set as code. */
function withCode(text: string): ComponentChildren {
  return text.split('`').map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part))
}
