import { setTimeout } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import { connect, withPostgres } from '../../src/postgres/client.ts'
import { copyInto } from '../../src/postgres/copy.ts'

async function* lines(failure?: Error) {
  yield '1\t\\N\n'
  if (failure !== undefined) throw failure
  yield '2\ta\\tb\n'
}

test('what the lines fail with is thrown as it is, and all of them may be copied again', async () => {
  await withPostgres(inject('postgresUrl'), async (client) => {
    await client.query('create temporary table copied (n bigint, "the text" text)')
    const failure = Object.assign(new Error('the lines ended'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
    expect(await copyInto(client, 'copied', lines(failure)).catch((error: unknown) => error)).toBe(failure)
    expect((await client.query('select * from copied')).rows).toEqual([])
    await copyInto(client, 'copied ("n", "the text")', lines())
    expect((await client.query('select * from copied order by n')).rows).toEqual([
      { n: '1', 'the text': null },
      { n: '2', 'the text': 'a\tb' },
    ])
  })
})

test('where the connection ends, nothing makes lines any more', async () => {
  const client = await connect(inject('postgresUrl'))
  await client.query('create temporary table copied (n bigint)')
  let isAtWork = false
  const slow = async function* () {
    yield '1\n'
    isAtWork = true
    void client.end()
    await setTimeout(100)
    isAtWork = false
    yield '2\n'
  }
  await expect(copyInto(client, 'copied', slow())).rejects.toThrow()
  expect(isAtWork).toBe(false)
})
