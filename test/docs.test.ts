import { expect, test } from 'vitest'
import { dataDictionary } from '../scripts/docs.ts'

test('the data dictionary is what the contracts and the models say; `npm run docs` makes it so', async () => {
  await expect(await dataDictionary()).toMatchFileSnapshot('../docs/data-dictionary.md')
})
