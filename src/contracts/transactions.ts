import { cents } from '../rules/numbers.ts'
import { contract, count, date, id, label, money, optionalCost } from './contract.ts'

// Labels outside of these lists are kept as they are; the lists only settle the spelling.
const PRODUCTS = [
  'Laptop',
  'Smartphone',
  'Tablet',
  'Monitor',
  'Keyboard',
  'Mouse',
  'Headphones',
  'Printer',
  'Camera',
  'Smartwatch',
  'Speaker',
  'Router',
  'Webcam',
  'External Drive',
  'Charger',
]
const PAYMENT_METHODS = ['Card', 'PayPal', 'Bank Transfer', 'Apple Pay', 'Google Pay', 'Gift Card', 'Cash']

const OTHER_STATUSES = {
  Completed: ['complete', 'wc-completed', 'terminé', 'terminée'],
  Pending: ['wc-pending', 'en attente'],
  Cancelled: ['canceled', 'wc-cancelled', 'annulé', 'annulée'],
  Refunded: ['refund', 'wc-refunded', 'remboursé', 'remboursée'],
}

const fields = {
  transaction_id: id('The transaction. Different sales may share one, and a sale without one is kept.'),
  customer_id: id('Who bought. Null where unknown: nobody is called Unknown.'),
  product: label('What was sold.', PRODUCTS),
  amount: money('The price of the goods. Negative for a return.'),
  quantity: count('How many were sold.', { least: 1, otherwise: 1 }),
  payment_method: label('How it was paid.', PAYMENT_METHODS),
  discount_applied: optionalCost('What was taken off the amount.'),
  shipping_cost: optionalCost('What was added for shipping.'),
  timestamp: date('When it was sold.'),
  status: label('Where the order stands.', ['Completed', 'Pending', 'Cancelled', 'Refunded'], OTHER_STATUSES),
}

/** Statuses of sales that were taken back: what net revenue leaves out, as `is_reversed` of the models does. */
export const REVERSED: readonly string[] = ['Cancelled', 'Refunded']

/** What a transaction is in silver: one per sale. */
export const transactions = contract({
  collection: 'transactions',
  key: 'transaction_id',
  keyRequired: false,
  identity: 'equal ones are one',
  shared: { field: 'status', otherwise: 'one transaction id under several statuses' },
  fields,
  optional: {
    order_id: id('The order that the sale belongs to. A sale without one is an order of its own.'),
  },
  derived: {
    total_amount: {
      type: 'money',
      nullable: true,
      personal: false,
      meaning: 'amount - discount_applied + shipping_cost, to the cent; null where the amount is unknown.',
      reads: ['amount', 'discount_applied', 'shipping_cost'],
      from: ({ amount, discount_applied, shipping_cost }) =>
        amount === null ? null : (cents(amount) - cents(discount_applied) + cents(shipping_cost)) / 100,
    },
  },
  suspicions: {
    'amount is negative': ({ amount }) => amount !== null && amount < 0,
    'discount exceeds amount': ({ amount, discount_applied }) =>
      amount !== null && amount >= 0 && discount_applied > amount,
  },
})
