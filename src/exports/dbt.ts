import { names, type Question, questionsOf } from '../gold/questions.ts'
import type { Config } from '../settings/config.ts'
import { bareName } from '../settings/own_files.ts'
import { type Known, type KnownTable, knownGold } from './known.ts'

/** What the sources are called in a dbt project. */
const SOURCE = 'lingot'

/** Gold as sources of a dbt project, with those of its tests that dbt has itself, and what reads it as exposures. */
export async function dbtFiles(
  config: Known & Pick<Config, 'goldSchema'>,
): Promise<{ sources: object; exposures: object }> {
  const tables = await knownGold(config)
  return {
    sources: {
      version: 2,
      sources: [
        {
          name: SOURCE,
          description: 'Gold that Lingot makes. Every run replaces all tables in one transaction.',
          schema: config.goldSchema,
          tables: tables.map((table) => tableOf(table, tables)),
        },
      ],
    },
    exposures: {
      version: 2,
      exposures: [
        ...questionsOf(config).map((question) => exposureOf(question, tables)),
        {
          name: 'lingot_dashboard',
          label: 'Dashboard',
          type: 'dashboard',
          description: 'What `lingot serve` shows.',
          owner: OWNER,
          depends_on: tables.map(sourceOf),
        },
      ],
    },
  }
}

/** dbt wants a name or an address; who owns it in a company is for its project to say. */
const OWNER = { name: 'Lingot' }

function sourceOf({ name }: Pick<KnownTable, 'name'>): string {
  return `source('${SOURCE}', '${name}')`
}

function tableOf({ name, description, key, columns, tests }: KnownTable, all: readonly KnownTable[]): object {
  return {
    name,
    description,
    columns: columns.map((column) => {
      const own = tests.flatMap((test): (string | object)[] => {
        const config = test.severity === 'warn' ? { config: { severity: 'warn' } } : {}
        const plain = (kind: string) => (test.severity === 'warn' ? { [kind]: config } : kind)
        switch (test.test) {
          case 'not_null':
            return test.columns.includes(column.name) ? [plain('not_null')] : []
          case 'unique':
            return test.columns.join() === column.name ? [plain('unique')] : []
          case 'accepted_values':
            if (test.column !== column.name) return []
            return [{ accepted_values: { arguments: { values: test.values }, ...config } }]
          case 'relationship': {
            const [to = '', field = ''] = test.to.split('.')
            const isGold = all.some((table) => table.name === to)
            if (test.column !== column.name || !isGold) return []
            return [{ relationships: { arguments: { to: sourceOf({ name: to }), field }, ...config } }]
          }
          default:
            return []
        }
      })
      const meta = { ...(column.personal && { personal: true }), ...(key.includes(column.name) && { key: true }) }
      return {
        name: column.name,
        description: column.meaning,
        data_type: column.type,
        ...(Object.keys(meta).length > 0 && { config: { meta } }),
        ...(own.length > 0 && { data_tests: own }),
      }
    }),
  }
}

function exposureOf({ name, title, note, sql }: Question, tables: readonly KnownTable[]): object {
  return {
    name: `lingot_${bareName(name)}`.replace(/\W/g, '_'),
    label: title,
    type: 'analysis',
    description: [title, note, `\`lingot ask ${bareName(name)}\` answers it.`].filter(Boolean).join('\n\n'),
    owner: OWNER,
    depends_on: tables.filter((table) => names(sql, [table.name])).map(sourceOf),
  }
}
