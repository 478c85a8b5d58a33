import { runPipeline } from '../../run.ts'
import { openShop, type Shop } from './shop.ts'

/** The small shop after a second run, which met a corrected sale, a new one and one that is gone. */
export async function shop(): Promise<Shop> {
  const opened = await openShop()
  const { client, names, postgresUrl } = opened.place
  const sales = client.db(names.bronze).collection('transactions')
  const march = {
    timestamp: { $gte: new Date('2025-03-01'), $lt: new Date('2025-04-01') },
    amount: { $type: 'double' },
  }
  const [first, second] = await sales.find(march).sort({ _id: 1 }).limit(2).toArray()
  await sales.updateOne({ _id: first?._id }, { $set: { amount: 1234.5 } })
  await sales.deleteOne({ _id: second?._id })
  await sales.insertOne({ customer_id: 'ODD2', product: 'Laptop', amount: ' 1 007,25 ', timestamp: '2025-03-11' })
  await runPipeline(client, postgresUrl, names)
  return opened
}
