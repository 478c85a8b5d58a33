import { expect, test } from 'vitest'
import { dependencies } from '../../scripts/dependencies.ts'
import { dataDictionary } from '../../scripts/docs.ts'

test('the data dictionary is what the contracts and the models say; `npm run docs` makes it so', async () => {
  await expect(await dataDictionary()).toMatchFileSnapshot('../../docs/data-dictionary.md')
})

test('the list of dependencies is what the lock file says; `npm run docs` makes it so', async () => {
  await expect(dependencies()).toMatchFileSnapshot('../../docs/dependencies.md')
})
