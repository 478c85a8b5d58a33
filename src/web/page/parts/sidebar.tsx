import {
  BookA,
  ChartNoAxesCombined,
  Globe,
  Megaphone,
  Package,
  ShieldCheck,
  SquareTerminal,
  Telescope,
  UsersRound,
} from 'lucide'
import { useEffect, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type { Place } from '../../addresses.ts'
import { pathOf, useAddress } from '../address.ts'
import { useChoices } from '../choices.ts'
import { isReport } from '../data.ts'
import { language, languages, useMessages } from '../language.ts'
import { useStatus } from '../status.ts'
import { chooseTheme, theme, themes } from '../theme.ts'
import { Icon } from './icon.tsx'

const entries = [
  ['overview', ChartNoAxesCombined],
  ['customers', UsersRound],
  ['products', Package],
  ['campaigns', Megaphone],
  ['countries', Globe],
  ['explore', Telescope],
  ['trust', ShieldCheck],
  ['glossary', BookA],
  ['sql', SquareTerminal],
] as const satisfies readonly (readonly [Place, unknown])[]

/** What a report has no server for. */
const asking: readonly Place[] = ['explore', 'glossary', 'sql']

/** Where one can go, in which language and light. */
export function Sidebar() {
  const messages = useMessages()
  const { link } = useAddress()
  const { path } = useLocation()
  const { status } = useStatus()
  const empty: readonly string[] = useChoices()?.empty ?? []
  const current = useRef<HTMLAnchorElement>(null)
  // On a phone the entries are a strip: the current one is brought into sight.
  useEffect(() => current.current?.scrollIntoView({ block: 'nearest', inline: 'center' }), [path])
  return (
    <div class="sidebar">
      <div class="sidebar-inner">
        <a class="brand" href={link('overview')}>
          <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
            <path d="M9 9h14l6 14H3z" fill="var(--gold)" />
            <path d="M9 9h14l-2.4 5H11.4z" fill="light-dark(#f0cd73, #f7dd96)" />
          </svg>
          Lingot
        </a>
        <nav aria-label={messages.navigation}>
          <ul>
            {entries
              .filter(([page]) => !(isReport && asking.includes(page)) && !empty.includes(page))
              .map(([page, icon]) => {
                const isCurrent = !isReport && withSlash(path) === withSlash(pathOf(page))
                return (
                  <li key={page}>
                    <a href={link(page)} aria-current={isCurrent ? 'page' : undefined} ref={isCurrent ? current : null}>
                      <Icon of={icon} size={17} />
                      {messages.pages[page]}
                    </a>
                  </li>
                )
              })}
          </ul>
          {empty.length > 0 && (
            <p class="quiet without-data">
              {messages.withoutData(entries.flatMap(([page]) => (empty.includes(page) ? messages.pages[page] : [])))}
            </p>
          )}
        </nav>
        <div class="preferences">
          <Choice
            label={messages.language}
            values={languages}
            value={language.use()}
            name={(value) => ({ en: 'English', fr: 'Français' })[value]}
            onChoose={language.set}
          />
          <Choice
            label={messages.theme}
            values={themes}
            value={theme.use()}
            name={(value) => messages.themes[value]}
            onChoose={chooseTheme}
          />
          {status && <p class="quiet">Lingot {status.version}</p>}
        </div>
      </div>
    </div>
  )
}

function Choice<T extends string>({
  label,
  values,
  value,
  name,
  onChoose,
}: {
  label: string
  values: readonly T[]
  value: T
  name: (value: T) => string
  onChoose: (value: T) => void
}) {
  return (
    <label class="choice">
      <span class="unseen">{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value as T)}>
        {values.map((known) => (
          <option key={known} value={known}>
            {name(known)}
          </option>
        ))}
      </select>
    </label>
  )
}

/** The router leaves it out at the end. */
function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`
}
