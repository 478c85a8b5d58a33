import { amount, type Clean, contract, count, date, id, label, optionalCost } from './contract.ts'
import type { Money } from './values.ts'

const fields = {
  transaction_id: id('The transaction. Different sales may share one, and a sale without one is kept.'),
  customer_id: id('Who bought. Null where unknown: nobody is called Unknown.'),
  product: label('What was sold.'),
  amount: amount('The price of the goods. Negative for a return.'),
  quantity: count('How many were sold.', 1, 1),
  payment_method: label('How it was paid.'),
  discount_applied: optionalCost('What was taken off the amount.'),
  shipping_cost: optionalCost('What was added for shipping.'),
  timestamp: date('When it was sold.'),
  status: label('Where the order stands.', ['Completed', 'Pending', 'Cancelled', 'Refunded']),
}

/** What a transaction is in silver: one per sale. */
export const transactions = contract({
  collection: 'transactions',
  key: 'transaction_id',
  keyRequired: false,
  identity: 'equal ones are one',
  indexes: ['customer_id', 'timestamp'],
  fields,
  derived: {
    total_amount: {
      type: 'money',
      personal: false,
      meaning: 'amount - discount_applied + shipping_cost, to the cent; null where the amount is unknown.',
      from: totalAmount,
    },
  },
})

function totalAmount({ amount, discount_applied, shipping_cost }: Clean<typeof fields>): Money | null {
  if (amount === null) return null
  return (cents(amount) - cents(discount_applied) + cents(shipping_cost)) / 100
}

/** Sums of cents are exact, sums of euros are not: 0.1 + 0.2. */
function cents(money: Money): number {
  return Math.round(money * 100)
}
