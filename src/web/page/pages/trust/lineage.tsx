import { ChartColumn, Table2 } from 'lucide'
import { useState } from 'preact/hooks'
import { useAddress } from '../../address.ts'
import { UNKNOWN } from '../../format.ts'
import { useMessages, useWords } from '../../language.ts'
import { TableFrame } from '../../parts/data_table.tsx'
import { CsvTool } from '../../parts/file_tools.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Empty } from '../../parts/states.tsx'
import { en, fr } from '../trust_words.ts'
import { Section } from './section.tsx'
import { sheetOf } from './sheet.ts'
import { type Lineage, nameOf, type Way, waysOf } from './way.ts'
import { WayMap } from './way_map.tsx'

const USUAL_TABLE = 'customer_metrics'

/** Where each column of gold comes from: a table is chosen, then a column of it. */
export function LineageSection({ lineage }: { lineage: Lineage }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const { query, change } = useAddress()
  const [isTable, setIsTable] = useState(false)
  const tables = [...new Set(lineage.gold.map(({ table }) => table))]
  const traced = tables.filter((table) => lineage.gold.some((one) => one.table === table && one.reads !== null))
  const [named = '', column] = (query['lineage'] ?? '').split('.')
  const table = tables.includes(named) ? named : traced.includes(USUAL_TABLE) ? USUAL_TABLE : (traced[0] ?? '')
  const ways = waysOf(lineage, table)
  const chosen = ways.some(({ gold }) => gold.column === column) ? column : undefined
  const choose = (next: string | undefined) =>
    change({ lineage: next === undefined ? table : `${table}.${next}` }, { replace: true })
  const shown = chosen === undefined ? ways : ways.filter(({ gold }) => gold.column === chosen)
  const rows = shown.flatMap(rowsOf)
  const tools = (
    <>
      <button type="button" class="tool" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
        <Icon of={isTable ? ChartColumn : Table2} />
        <span>{isTable ? messages.chart : messages.table}</span>
      </button>
      <CsvTool name={`lineage-${table}`} title={words.lineageTitle} sheet={() => sheetOf([...rowNames], [], rows)} />
    </>
  )
  return (
    <Section name="lineage" title={words.lineageTitle} note={words.lineageNote} tools={tools}>
      <div class="lineage-choice">
        <label>
          {words.goldTable}
          <select
            value={table}
            onChange={({ currentTarget }) => change({ lineage: currentTarget.value }, { replace: true })}
          >
            <optgroup label={words.tracedTables}>
              {traced.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </optgroup>
            <optgroup label={words.otherTables}>
              {tables
                .filter((name) => !traced.includes(name))
                .map((name) => (
                  <option key={name}>{name}</option>
                ))}
            </optgroup>
          </select>
        </label>
        {chosen !== undefined && (
          <button type="button" class="tool" onClick={() => choose(undefined)}>
            {words.allColumns}
          </button>
        )}
      </div>
      {!traced.includes(table) ? (
        <>
          <Empty>{words.notTraced(table)}</Empty>
          <Meanings ways={ways} />
        </>
      ) : isTable ? (
        <TableFrame
          label={words.lineageTitle}
          columns={rowNames.map((name) => ({ name, title: words.lineageColumns[name] }))}
        >
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((value, j) => (
                <td key={rowNames[j]}>{value ?? UNKNOWN}</td>
              ))}
            </tr>
          ))}
        </TableFrame>
      ) : (
        <WayMap ways={ways} chosen={chosen} onChoose={(next) => choose(next === chosen ? undefined : next)} />
      )}
    </Section>
  )
}

const rowNames = ['gold', 'meaning', 'silver', 'bronze', 'type', 'rule', 'default', 'personal'] as const

/** A row for each field of bronze behind a column; one without any is a count of documents. */
function rowsOf({ gold, steps }: Way): (string | null)[][] {
  const name = `${gold.table}.${gold.column}`
  if (steps.length === 0) return [[name, gold.meaning, null, null, null, null, null, null]]
  return steps.flatMap(({ silver, fields }) =>
    fields.map((field) => [
      name,
      gold.meaning,
      nameOf(silver),
      field.bronze,
      field.type,
      field.rule,
      field.default === null ? 'null' : String(field.default),
      field.personal ? 'personal' : null,
    ]),
  )
}

function Meanings({ ways }: { ways: readonly Way[] }) {
  return (
    <dl class="meanings" lang="en">
      {ways.map(({ gold: { column, meaning } }) => (
        <div key={column}>
          <dt>{column}</dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  )
}
