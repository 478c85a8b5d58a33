import { ShieldAlert, ShieldCheck } from 'lucide'
import type { Figure } from '../../api.ts'
import { useAddress } from '../address.ts'
import { useFormat } from '../format.ts'
import { useMessages } from '../language.ts'
import { Icon } from './icon.tsx'
import { useShownPage } from './shown_page.ts'

/** What a figure is of, by its first column: the table that the parts of its revenue are told of. */
const tableOf: Readonly<Record<string, string>> = {
  month: 'monthly_revenue',
  product: 'product_performance',
  country: 'country_statistics',
  customer_id: 'customer_metrics',
}

/** How far a figure can be trusted, in a word, and the way to the reason. */
export function TrustMark({ figure }: { figure: Figure }) {
  const messages = useMessages()
  const format = useFormat()
  const { link } = useAddress()
  const trusted = useShownPage()?.trusted
  if (trusted === undefined) return null
  const checks = { passed: 0, all: 0 }
  for (const table of figure.reads) {
    checks.passed += trusted[table]?.checks.passed ?? 0
    checks.all += trusted[table]?.checks.all ?? 0
  }
  const dimension = figure.columns.find(({ name }) => tableOf[name] !== undefined)?.name ?? ''
  const { addsUp = null, unknownPct = null } = trusted[tableOf[dimension] ?? ''] ?? {}
  if (checks.all === 0 && addsUp === null) return null
  const isGood = checks.passed === checks.all && addsUp !== false
  const unknown = unknownPct !== null && unknownPct > 0 ? messages.unknownShare(format.percent(unknownPct)) : undefined
  const words = [
    ...(addsUp === null ? [] : [addsUp ? messages.addsUp : messages.addsNotUp]),
    ...(unknownPct === null ? [] : [messages.unknownOfAll(format.percent(unknownPct))]),
    ...(checks.all === 0 ? [] : [messages.checksOf(format.integer(checks.passed), format.integer(checks.all))]),
  ].join(' ')
  const reason = checks.passed < checks.all || addsUp === null ? 'checks' : 'revenue'
  return (
    <a
      class={isGood ? 'trust-mark' : 'trust-mark doubtful'}
      href={`${link('trust')}#${reason}`}
      title={words}
      aria-label={unknown === undefined ? words : `${unknown}. ${words}`}
    >
      <Icon of={isGood ? ShieldCheck : ShieldAlert} size={14} />
      {unknown && <span>{unknown}</span>}
    </a>
  )
}
