import { expect, test } from 'vitest'
import { bodies } from '../../src/web/bodies.ts'

const made: string[] = []
const making = (value: string, version = '1') => {
  return async () => {
    made.push(value)
    return { version, value }
  }
}

test('what was not asked for lately makes room', async () => {
  // Each is 12 characters as JSON.
  const { get } = bodies(30)
  const ask = (name: string) => get('1', name, making(`${name}123456789`))
  for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await ask(name)
  expect(made.map(([name]) => name)).toEqual(['a', 'b', 'c', 'b'])
})

test('what was made of a later version is kept for that', async () => {
  const { get } = bodies()
  made.length = 0
  await get('1', 'page', making('new', '2'))
  await get('2', 'page', making('never'))
  await get('1', 'page', making('old'))
  expect(made).toEqual(['new', 'old'])
})

test('what could not be made is tried anew', async () => {
  const { get } = bodies()
  await expect(get('1', 'page', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
  expect((await get('1', 'page', making('there'))).json).toBe('"there"')
})
