import { columnsOf } from '../contracts/contract.ts'
import { declarationOf, modelsOf, nameProblem, readModels, type Shop } from '../gold/models.ts'
import { readQuestions } from '../gold/questions.ts'
import type { Config } from '../settings/config.ts'
import { bareName } from '../settings/own_files.ts'
import { inSql } from '../settings/reserved.ts'
import { LingotError } from '../system/errors.ts'
import { packageFile } from '../system/package.ts'

/** Files that somebody goes on with, by their path. */
export type Beginning = Record<string, string>

/** A model that works as it is written: one of Lingot's own, to be changed, or a first one of this shop. */
export function beginModel(name: string, { contracts }: Pick<Config, 'contracts'>): Beginning {
  const problem = nameProblem(name, contracts)
  if (problem !== undefined) {
    throw new LingotError('usage', `A model cannot be called ${name}: it ${problem}.`, 'Call it otherwise.')
  }
  const files = (sql: string, yml: string) => ({ [`models/${name}.sql`]: sql, [`models/${name}.yml`]: yml })
  const packaged = readModels().find((model) => model.name === name)
  if (packaged !== undefined) {
    return files(packaged.sql, packageFile(declarationOf({ file: `src/gold/models/${name}.sql` })))
  }
  const contract = contracts.find(({ collection }) => collection === 'transactions') ?? contracts[0]
  if (contract === undefined) throw new LingotError('config', 'There are no collections to make a model of.')
  const { collection, key } = contract
  const names = columnsOf(contract).map(([column]) => column)
  const by = names.includes('product') ? 'product' : key
  const isKnown = by !== null && contract.fields[by]?.default !== null
  const hasMoney = names.includes('total_amount')
  const silver = contracts.map((one) => {
    return `#   ${one.collection}: ${columnsOf(one)
      .map(([column]) => column)
      .join(', ')}`
  })
  return files(
    `-- One row per ${by}: how many ${collection} there are${hasMoney ? ', and what they bring in' : ''}.
-- ${isKnown ? `Nothing is left out: ${collection} without one are of ${contract.fields[by]?.default}.` : `Left out: ${collection} without one.`}

select
    ${by},
    count(*) as ${collection}${hasMoney ? ',\n    cast(coalesce(sum(total_amount), 0) as decimal(38, 2)) as revenue' : ''}
from ${collection}${isKnown ? '' : `\nwhere ${by} is not null`}
group by ${by}
`,
    `description: How many ${collection} there are of each ${by}. One row per ${by}.
key: [${by}]
# What the SQL and the tests read of silver, and other models as models: [monthly_sales]. Silver has:
${silver.join('\n')}
reads:
  ${collection}: [${[by, ...(hasMoney ? ['total_amount'] : [])].join(', ')}]
# Every column that the SQL makes.
columns:
  ${by}: Which ${by}.
  ${collection}: Number of ${collection}.
${hasMoney ? '  revenue: Sum of total_amount where known; 0.00 if none is known.\n' : ''}tests:
  - { test: unique, columns: [${by}] }
  - { test: not_null, columns: [${by}, ${collection}${hasMoney ? ', revenue' : ''}] }
`,
  )
}

/** A question that can be asked as it is written: one of Lingot's own, to be changed, or a first one of this shop. */
export function beginQuestion(name: string, config: Shop): Beginning {
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}_ -]{0,99}$/u.test(name)) {
    const next = 'Use letters, numbers and _, as in best_stores.'
    throw new LingotError('usage', `A question cannot be called ${name}.`, next)
  }
  const packaged = readQuestions().find((question) => bareName(question.name) === bareName(name))
  if (packaged !== undefined) return { [`questions/${packaged.name}.sql`]: packaged.sql }
  const models = modelsOf(config)
  const model =
    models.findLast(({ isOwn }) => isOwn) ?? models.find((model) => model.name === 'product_performance') ?? models[0]
  if (model === undefined) throw new LingotError('config', 'There is no gold table to ask.')
  const columns = Object.keys(model.columns)
  return {
    [`questions/${name}.sql`]: `-- ${bareName(name).replaceAll('_', ' ')}?
-- This line and those below say how the answer is to be read.

select
${columns.map((column) => `    ${inSql(column)}`).join(',\n')}
from ${model.name}
order by ${model.key.map(inSql).join(', ')}
limit 20
`,
  }
}

/** What a project folder is, for those who find it. */
export const README = `# A shop on Lingot

- \`lingot.config.ts\` says which collection and field of MongoDB is which.
- \`models/NAME.sql\` is a gold table: one SELECT on silver and other models. \`models/NAME.yml\` says what it reads and means, and tests it. A model that is called as one of Lingot's own takes its place.
- \`questions/NAME.sql\` is a question to gold, with its title in a comment on top.

\`\`\`sh
npx lingot run                      # bronze to gold
npx lingot ask                      # all questions; one by its number or name
npx lingot new model NAME           # a draft that works, to be changed
npx lingot new question NAME
npx lingot aggregate --only NAME    # one table anew, in seconds
npx lingot check                    # all tests, without publishing
npx lingot explain TABLE KEY        # a row, back to its documents
npx lingot docs                     # writes data-dictionary.md
npx lingot serve                    # the dashboard
\`\`\`

Addresses of servers stand in \`.env\`, which is not to be shared: \`MONGODB_URI\`, \`POSTGRES_URL\`.
`
