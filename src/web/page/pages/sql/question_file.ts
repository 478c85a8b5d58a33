import { plain } from '../../plain.ts'

/** A statement as the file of a question of the shop's own, for its folder `questions/`; its first comment is what is asked. */
export function questionFile(name: string, sql: string): { name: string; text: string } {
  const called = plain(name)
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 100)
  const text = sql.trim()
  return {
    name: `${called || 'question'}.sql`,
    text: `${text.startsWith('--') ? '' : `-- ${name.trim()}\n\n`}${text}\n`,
  }
}
