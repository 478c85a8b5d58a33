import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { describeAnswers, toJson } from '../../src/commands/ask.ts'
import { ask, readQuestions } from '../../src/gold/questions.ts'
import { runAggregator, runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'
import { ask as get } from '../web/http.ts'
import { type Served, serve } from '../web/place.ts'

/*
 * Gold adds up what it is given; that amounts of several currencies are among it is said wherever sums are read.
 */

let place: Place
let served: Served

beforeAll(async () => {
  place = await openPlace()
  served = await serve(place)
})
afterEach(() => place.client.db(place.names.silver).dropDatabase())
afterAll(async () => {
  await served.close()
  await place.leave()
})

const sale = { customer_id: 'C1', product: 'Mouse', timestamp: new Date('2024-03-05') }
const several = [
  { _id: 1, ...sale, amount: '5 €', currency: 'EUR' },
  { _id: 2, ...sale, amount: '5 €', currency: 'EUR' },
  { _id: 3, ...sale, amount: '7 $', currency: 'JPY' },
]

async function answers(number?: number) {
  const questions = readQuestions().filter((question) => number === undefined || question.number === number)
  return ask(place.postgresUrl, place.names.goldSchema, questions)
}
const pageOf = async (page: string) => (await get(served.port, `/api/pages/${page}?period=all`)).json()

const NOTICE = 'Amounts of several currencies are added up as if they were of one: transactions, transactions.amount'

test('sums of several currencies are told beneath answers, in their JSON and to the pages, until there is one', async () => {
  await place.load({ transactions: several })
  await runPipeline(place.client, place.postgresUrl, place.names)
  for (const asked of [await answers(), await answers(2)]) {
    expect(describeAnswers(asked).split(NOTICE)).toHaveLength(2)
    expect(describeAnswers(asked).split('\n').at(-1)).toContain(NOTICE)
    expect(asked.map(toJson)).toEqual(asked.map(() => expect.objectContaining({ notice: NOTICE })))
  }
  const told = { severalCurrencies: 'transactions, transactions.amount' }
  expect((await pageOf('overview')).gold).toMatchObject(told)
  expect((await get(served.port, '/api/status')).json().gold).toMatchObject(told)

  // Of the silver in place as well.
  await runAggregator(place.client, place.postgresUrl, place.names)
  expect(describeAnswers(await answers(4))).toContain(NOTICE)

  await place.load({ transactions: several.slice(0, 2) })
  await runPipeline(place.client, place.postgresUrl, { ...place.names, acceptShrink: true })
  expect(describeAnswers(await answers())).not.toContain('several currencies')
  expect((await answers()).map(toJson)).not.toContainEqual(expect.objectContaining({ notice: expect.anything() }))
  expect(await place.gold('select several_currencies from gold_run')).toEqual([{ several_currencies: null }])
})

test('gold of a version that did not tell is read as before', async () => {
  await place.load({ transactions: several })
  await runPipeline(place.client, place.postgresUrl, { ...place.names, acceptShrink: true })
  await place.gold('alter table gold_run drop column several_currencies')
  expect(describeAnswers(await answers(2))).toContain('Mouse')
  const other = await serve(place)
  const { gold } = (await get(other.port, '/api/pages/overview?period=all')).json()
  await other.close()
  expect(gold).toMatchObject({ severalCurrencies: null })
})
