import { type Known, knownGold } from '../src/exports/known.ts'

/** The tables of gold as a type: what the models make, in the words of their `.yml`. */
export async function goldTypes(config: Known): Promise<string> {
  const tables = (await knownGold(config)).map(({ name, description, columns }) => {
    const lines = columns.map(({ name, type, notNull, meaning }) => {
      return `    /** ${meaning} */\n    ${name}: ${typeOf(type)}${notNull ? '' : ' | null'}\n`
    })
    return `  /** ${description} */\n  ${name}: {\n${lines.join('')}  }\n`
  })
  return `/**
 * The tables of gold and their columns, as Kysely takes a database: numbers and days are exact texts, instants are Dates.
 * Made by \`npm run docs\` from the models; a test fails when it is out of date.
 */
export interface Gold {
${tables.join('')}}
`
}

function typeOf(type: string): string {
  if (type === 'boolean') return 'boolean'
  return type === 'timestamp with time zone' ? 'Date' : 'string'
}
