import { relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { dependencies } from '../../scripts/dependencies.ts'
import { goldTypes } from '../../scripts/gold_types.ts'
import { options } from '../../scripts/options.ts'
import { contracts } from '../../src/contracts/contracts.ts'
import { runJsonSchema } from '../../src/library/results.ts'
import { dataDictionary } from '../../src/trust/dictionary.ts'
import { lingot } from '../process.ts'
import { standard } from '../run.ts'

test('the data dictionary is what the contracts and the models say; `npm run docs` makes it so', async () => {
  const preface =
    'Made by `npm run docs` from [the contracts](../src/silver) and [the models](../src/gold/models); a test fails when it is out of date. [What each number means](numbers.md) gives the reasons.'
  const dictionary = await dataDictionary(
    { ...standard, contracts },
    {
      preface,
      page: (name) => `${name}.md`,
      sql: ({ file }) => relative(resolve('docs'), file),
    },
  )
  await expect(dictionary).toMatchFileSnapshot('../../docs/data-dictionary.md')
})

test('the types of the tables of gold are what the models make; `npm run docs` makes them so', async () => {
  await expect(await goldTypes(standard)).toMatchFileSnapshot('../../src/library/gold.ts')
})

test('the schema of `run --json` is the one that its tests hold it against; `npm run docs` makes it so', async () => {
  await expect(`${JSON.stringify(runJsonSchema(), null, 2)}\n`).toMatchFileSnapshot('../../docs/run.schema.json')
})

test('the list of dependencies is what the lock file says; `npm run docs` makes it so', async () => {
  await expect(dependencies()).toMatchFileSnapshot('../../docs/dependencies.md')
})

test('the options of commands are what their --help says; `npm run docs` makes it so', async () => {
  const told = await options(async (path) => (await lingot([...path, '--help'], {})).stdout)
  await expect(told).toMatchFileSnapshot('../../docs/options.md')
})
