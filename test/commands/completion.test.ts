import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { lingot } from '../process.ts'

const scriptFor = async (shell: string) => (await lingot(['completion', shell], {})).stdout
const bash = await scriptFor('bash')

/** What bash offers behind some words. */
function offered(...words: string[]): string[] {
  const asked = `COMP_WORDS=(lingot ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}
    _lingot; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-euc', `${bash}\n${asked}`], { encoding: 'utf8' })
    .trim()
    .split('\n')
}

test.each<[string[], string[]]>([
  [['pri'], ['privacy']],
  [
    ['export', ''],
    ['parquet', 'csv', 'duckdb', 'odcs', 'dbt', 'openlineage', '--help'],
  ],
  [['export', 'csv', '--j'], ['--json']],
  [['run', '--ac'], ['--accept-shrink']],
  [['--json', 'ask', '--as'], ['--as-of']],
  [
    ['new', ''],
    ['model', 'question', '--help'],
  ],
  [['spark', 'd'], ['down']],
])('bash completes %j', (words, expected) => {
  expect(offered(...words)).toEqual(expected)
})

test('zsh and fish are offered the same', async () => {
  const [zsh, fish] = await Promise.all(['zsh', 'fish'].map(scriptFor))
  expect(zsh).toBe(`autoload -U +X bashcompinit && bashcompinit\n${bash}`)
  expect(fish).toContain(
    "complete -c lingot -n '__fish_seen_subcommand_from export; and __fish_seen_subcommand_from csv' -l json",
  )
  expect(await lingot(['completion', 'csh'], {})).toMatchObject({ status: 2, stdout: '' })
})
