import { UserRound } from 'lucide'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useWords } from '../../language.ts'
import { Icon } from '../../parts/icon.tsx'
import { en, fr } from '../trust_words.ts'
import { nameOf, type SilverColumn, type Way } from './way.ts'

/** The box of the columns that read none. */
const COUNT = 's:'

interface Line {
  from: string
  to: string
  isLit: boolean
}

/** Boxes of bronze, silver and gold in three columns, and the lines between them. */
export function WayMap({
  ways,
  chosen,
  onChoose,
}: {
  ways: readonly Way[]
  chosen: string | undefined
  onChoose: (column: string) => void
}) {
  const words = useWords({ en, fr })
  const place = useRef<HTMLDivElement>(null)
  const lit = new Set<string>()
  const lines = new Map<string, Line>()
  const silver = new Map<string, SilverColumn>()
  const bronze = new Map<string, SilverColumn>()
  const add = (from: string, to: string, isLit: boolean) => {
    const key = `${from}→${to}`
    lines.set(key, { from, to, isLit: isLit || (lines.get(key)?.isLit ?? false) })
    if (isLit) lit.add(from).add(to)
  }
  for (const { gold, steps } of ways) {
    const isLit = chosen === undefined || chosen === gold.column
    if (isLit) lit.add(`g:${gold.column}`)
    if (steps.length === 0) add(COUNT, `g:${gold.column}`, isLit)
    for (const step of steps) {
      silver.set(nameOf(step.silver), step.silver)
      add(`s:${nameOf(step.silver)}`, `g:${gold.column}`, isLit)
      for (const field of step.fields) {
        bronze.set(field.bronze ?? '', field)
        add(`b:${field.bronze}`, `s:${nameOf(step.silver)}`, isLit)
      }
    }
  }
  const box = (key: string, layer: string) => ({ 'data-box': key, class: `box ${layer} ${lit.has(key) ? '' : 'dim'}` })
  return (
    <div class="way" ref={place}>
      <Lines of={[...lines.values()]} within={place} />
      <div class="layer">
        <h3>
          <span class="swatch bronze" /> {words.layers.bronze}
        </h3>
        <ul>
          {[...bronze.values()].map((field) => (
            <li key={field.bronze} {...box(`b:${field.bronze}`, 'bronze')}>
              <span class="box-name">{field.bronze}</span>
              <span class="box-note">
                {words.rule(field.rule ?? '')} · {words.defaultIs(field.default)}
              </span>
            </li>
          ))}
        </ul>
      </div>
      <div class="layer">
        <h3>
          <span class="swatch silver" /> {words.layers.silver}
        </h3>
        <ul>
          {[...silver.values()].map((column) => (
            <li key={nameOf(column)} {...box(`s:${nameOf(column)}`, 'silver')}>
              <span class="box-name">{nameOf(column)}</span>
              <span class="box-note">
                {words.types[column.type]}
                {column.bronze === null && ` · ${words.added}`}
                {column.personal && (
                  <span class="personal">
                    <Icon of={UserRound} size={12} /> {words.personal}
                  </span>
                )}
              </span>
              <span class="box-meaning" lang="en">
                {column.meaning}
              </span>
            </li>
          ))}
          {ways.some(({ steps }) => steps.length === 0) && (
            <li {...box(COUNT, 'count')}>
              <span>{words.countsDocuments}</span>
            </li>
          )}
        </ul>
      </div>
      <div class="layer">
        <h3>
          <span class="swatch gold" /> {words.layers.gold}
        </h3>
        <ul>
          {ways.map(({ gold: { column, meaning }, steps }) => (
            <li key={column}>
              <button
                type="button"
                {...box(`g:${column}`, 'gold')}
                aria-pressed={chosen === column}
                onClick={() => onChoose(column)}
              >
                <span class="box-name">{column}</span>
                <span class="box-meaning" lang="en">
                  {meaning}
                </span>
                <span class="unseen">
                  {steps.length === 0
                    ? words.countsDocuments
                    : words.comesFrom(steps.map((step) => nameOf(step.silver)))}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}

/** Curves from the right of a box to the left of another; drawn again when the boxes move. */
function Lines({ of, within }: { of: readonly Line[]; within: { current: HTMLDivElement | null } }) {
  const [drawn, setDrawn] = useState<{ path: string; isLit: boolean }[]>([])
  const names = JSON.stringify(of)
  useLayoutEffect(() => {
    const place = within.current
    if (place === null) return
    const draw = () => {
      const { left, top } = place.getBoundingClientRect()
      const boxes = new Map(
        [...place.querySelectorAll<HTMLElement>('[data-box]')].map((box) => [box.dataset['box'], box]),
      )
      setDrawn(
        of.flatMap(({ from, to, isLit }) => {
          const [a, b] = [boxes.get(from)?.getBoundingClientRect(), boxes.get(to)?.getBoundingClientRect()]
          if (a === undefined || b === undefined) return []
          const [x1, y1, x2, y2] = [
            a.right - left,
            a.top + a.height / 2 - top,
            b.left - left,
            b.top + b.height / 2 - top,
          ]
          const bend = (x2 - x1) / 2
          return [{ path: `M${x1},${y1}C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`, isLit }]
        }),
      )
    }
    const observer = new ResizeObserver(draw)
    observer.observe(place)
    draw()
    return () => observer.disconnect()
  }, [names, within])
  return (
    <svg class="way-lines" aria-hidden="true" focusable="false">
      {drawn
        .toSorted((a, b) => Number(a.isLit) - Number(b.isLit))
        .map(({ path, isLit }) => (
          <path key={path} d={path} class={isLit ? 'lit' : undefined} />
        ))}
    </svg>
  )
}
