import { ArrowDownRight, ArrowRight, ArrowUpRight } from 'lucide'
import { useFormat } from '../format.ts'
import { useMessages } from '../language.ts'
import { Explained } from './explained.tsx'
import { Icon } from './icon.tsx'
import { Sparkline } from './sparkline.tsx'

export interface KpiProps {
  name: string
  label: string
  meaning?: string
  value: string
  /** The whole amount, where the value is written short. */
  exact?: string
  /** In percent, or in percentage points where the value is a rate; null where there is nothing to compare with. */
  change?: number | null
  isRate?: boolean
  /** Whether more of it is neither good nor bad. */
  isNeutral?: boolean
  /** What it is compared with: its value then, and when that was. */
  before?: { value: string; exact?: string; period: string } | undefined
  trend?: readonly (number | null)[]
  /** What it does not count. */
  note?: string
  /** What explains it, as `figure:overview.revenue`. */
  explain?: string
}

/** One figure, how it changed, and how it came there. */
export function Kpi({
  name,
  label,
  meaning,
  value,
  exact,
  change,
  isRate = false,
  isNeutral = false,
  before,
  trend,
  note,
  explain,
}: KpiProps) {
  return (
    <div class="kpi" data-kpi={name}>
      <dt title={meaning}>{label}</dt>
      <dd>
        <span class="kpi-value number">
          <Explained target={explain} column={name}>
            {exact === undefined || exact === value ? value : <span title={exact}>{value}</span>}
          </Explained>
        </span>
        {change !== undefined && <Change of={change} isRate={isRate} isNeutral={isNeutral} on={before?.period} />}
      </dd>
      {before !== undefined && <Before {...before} />}
      {note !== undefined && <dd class="kpi-note">{note}</dd>}
      {trend !== undefined && trend.length > 1 && <Sparkline values={trend} />}
    </div>
  )
}

function Before({ value, exact, period }: NonNullable<KpiProps['before']>) {
  const messages = useMessages()
  return (
    <dd class="kpi-before number" title={exact === undefined || exact === value ? period : `${period}: ${exact}`}>
      {messages.against(value)}
    </dd>
  )
}

function Change({
  of,
  isRate,
  isNeutral,
  on,
}: {
  of: number | null
  isRate: boolean
  isNeutral: boolean
  on: string | undefined
}) {
  const format = useFormat()
  const messages = useMessages()
  if (of === null) return null
  const shown = isRate ? messages.points(format.decimal(Math.abs(of)), of < 0 ? '−' : '+') : format.change(of)
  const direction = of > 0 ? 'up' : of < 0 ? 'down' : 'level'
  const arrow = { up: ArrowUpRight, down: ArrowDownRight, level: ArrowRight }[direction]
  return (
    <span class={`change ${isNeutral ? 'neutral' : direction}`}>
      <Icon of={arrow} size={14} />
      <span class="number">{shown}</span>
      {on !== undefined && <span class="unseen">{messages.on(on)}</span>}
    </span>
  )
}

/** By how many percent a value moved; null where that says nothing. */
export function percentChange(now: number | null, before: number | null): number | null {
  if (now === null || before === null || before === 0) return null
  return ((now - before) / Math.abs(before)) * 100
}
