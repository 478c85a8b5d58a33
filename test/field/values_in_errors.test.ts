import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ended, lingot } from '../process.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

let place: Place

beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.leave())

async function runEnds(settings: Readonly<Record<string, string>> = {}): Promise<Ended & { record: string }> {
  const ended = await lingot(['run'], {
    ...settingsOf(place.names),
    ...settings,
  })
  const runs = place.client.db(place.names.silver).collection('runs').find().sort({ started: -1 }).limit(1)
  return { ...ended, record: JSON.stringify(await runs.toArray()) }
}

test.each(['', '1'])('a view that fails over a phone number does not tell it, LINGOT_DEBUG=%s', async (debug) => {
  await place.load({ people: [{ _id: 2, customer_id: 'C2', phone: '06 12 34 56 79' }] })
  const pipeline = [{ $set: { phone: { $toLong: '$phone' } } }]
  await place.client.db(place.names.bronze).createCollection('customers', { viewOn: 'people', pipeline })
  const { status, stdout, stderr, record } = await runEnds({ LINGOT_DEBUG: debug })
  expect(status).toBe(4)
  expect(stderr).toContain(
    `${place.names.bronze}.customers cannot be read: ConversionFailure (241) in $convert; its message is not shown, since it may quote a value.\n→ If it is a view, `,
  )
  expect(stdout + stderr + record).not.toMatch(/06 12|12 34|56 79/)
  expect(record).toContain('ConversionFailure')
})

test('what a trigger of PostgreSQL says of a row is not told', async () => {
  const customers = [{ _id: 1, customer_id: 'C1', first_name: 'Zoé', last_name: 'Quatrevingt', country: 'France' }]
  const transactions = [{ _id: 1, transaction_id: 'T1', customer_id: 'C1', amount: 1, product: 'Mouse' }]
  await place.load({ customers, transactions })
  expect(await runEnds()).toMatchObject({ status: 0 })
  await place.gold(`
    create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'No % here', new.full_name using detail = new::text, hint = new.full_name; end $$;
    create trigger refuse before insert or update on customer_metrics for each row execute function refuse();
  `)
  // What differs is written.
  await place.load({ customers: [{ ...customers[0], country: 'Suisse' }], transactions })
  const { status, stdout, stderr, record } = await runEnds({ LINGOT_DEBUG: '1' })
  expect(status).not.toBe(0)
  expect(stderr).toContain('a function or trigger refused it (P0001)')
  expect(stdout + stderr + record).not.toContain('Quatrevingt')
})
