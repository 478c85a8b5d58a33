import type { ComponentChildren } from 'preact'
import type { Page, Problem, Status } from '../../api.ts'

type Words = ComponentChildren

/** What does not add up. */
const counted = (what: Page['unanswered']) =>
  !what.includes('orders')
    ? 'Different customers'
    : what.includes('customers')
      ? 'Different customers and orders'
      : 'Orders'

/** The words of the page in English. */
export const en = {
  skip: 'Skip to the content',
  navigation: 'Pages',
  language: 'Language',
  theme: 'Theme',
  themes: { auto: 'System theme', light: 'Light', dark: 'Dark' },
  pages: {
    overview: 'Overview',
    customers: 'Customers',
    products: 'Products',
    campaigns: 'Campaigns',
    countries: 'Countries',
    explore: 'Explore',
    trust: 'Trust',
    glossary: 'Glossary',
    sql: 'SQL',
  },
  about: {
    overview: 'How the shop does, and what changed.',
    customers: 'Who buys, how often, and who comes back. All time: customers have no period.',
    products: 'What sells, at which price, month by month.',
    campaigns:
      'From impressions to conversions, and what they cost. The period is the month in which a campaign starts.',
    countries: 'Where revenue comes from, and who may be written to.',
    explore: 'Any measure by any dimension, without SQL; the SQL that it makes is shown.',
    trust: 'How far the numbers can be trusted: what was missing, repaired or kept out, and where each one comes from.',
    glossary: 'What each table and column means, as the .yml of its model says it.',
    sql: 'The questions, the models, and your own SELECT on gold.',
  },
  withoutData: (pages: readonly string[]) => `Without data: ${pages.join(', ')}`,
  loading: 'Loading…',
  nothingHere: 'There is nothing to show for this choice.',
  retry: 'Try again',
  triesAgain: 'It is tried again by itself.',
  nothingThere: 'Nothing there',
  nowhere: (path: string) => `There is no page ${path}.`,
  /** What the server says, in the language of the page. */
  told: (text: string): string => text,
  problem: ({ kind, detail, next }: Problem) => ({
    next,
    title:
      (
        {
          server: 'The data cannot be reached',
          data: 'This cannot be shown yet',
          usage: 'That cannot be shown',
          permission: 'Not allowed',
        } as Record<string, string>
      )[kind] ?? 'Something went wrong',
    text: detail === '' ? 'Lingot itself does not answer: it was ended, or the connection is lost.' : detail,
  }),
  notConnected: 'Lingot does not answer',
  down: (which: Status['down']) =>
    `${which.map((name) => ({ mongodb: 'MongoDB', postgresql: 'PostgreSQL' })[name]).join(' and ')} ${which.length > 1 ? 'do' : 'does'} not answer`,
  reportOf: (time: string) => `Lingot report on the data of ${time}`,
  noGold: 'No gold yet: start a run.',
  goldMade: (time: string) => `Data of the run of ${time}`,
  lastFailed: (time: string) => `The run of ${time} failed:`,
  running: (command: string, step: string | null) =>
    step === null ? `lingot ${command} is under way` : `Running: ${step}`,
  startRun: 'Start a run',
  stopRun: 'Stop the run',
  stopping: 'Stopping…',
  wasStopped: (time: string) => `The run of ${time} was stopped; nothing has changed.`,
  done: (what: string) => `done: ${what}`,
  moreOrders: (count: number, written: string) => `${written} ${Math.abs(count) === 1 ? 'order' : 'orders'}`,
  checksPassed: (passed: string, all: string) => `${passed} of ${all} checks`,

  filters: 'Filters',
  period: 'Period',
  periods: {
    '3m': 'Last 3 months',
    '6m': 'Last 6 months',
    '12m': 'Last 12 months',
    '24m': 'Last 24 months',
    all: 'All time',
  },
  yearToDate: (year: string) => `${year}, year to date`,
  ownPeriod: 'From … to …',
  compareWith: 'Compared with',
  comparisons: {
    before: 'The period before',
    year: 'Same period last year',
    range: 'From … to …',
    none: 'Nothing',
  },
  compareFrom: 'Compared from',
  compareTo: 'Compared to',
  /** What is shown, in a sentence; `without` is why it is compared with nothing. */
  shows: ({ span, isYearToDate, before, without }: Shown) =>
    `${span}${isYearToDate ? ' (year to date)' : ''}${
      before !== null
        ? `, compared with ${before}.`
        : {
            chosen: ', compared with nothing.',
            incomplete: ', not compared: the data ends before it is over.',
            unreached: ', not compared: the data does not reach back so far.',
            all: '.',
          }[without]
    }`,
  dataUntil: (day: string, ago: string | null) => `Data until ${day}${ago === null ? '' : ` (${ago})`}.`,
  notOver: (month: string, known: string) => `${month} is not over in the data: ${known}, hatched.`,
  widened: 'Days are known of the whole shop’s revenue alone: here the months are shown that they are of.',
  byDays:
    'Of days, revenue and transactions are exact. Different customers, products and filters are known by whole months: what counts them is empty.',
  against: (value: string) => `vs ${value}`,
  compared: 'Compared',
  knownUntil: 'Known until',
  grain: 'By',
  grains: { day: 'day', week: 'week', month: 'month', quarter: 'quarter' },
  spans: { day: 'Day', week: 'Week', month: 'Month', quarter: 'Quarter' },
  quarter: (quarter: number, year: string) => `Q${quarter} ${year}`,
  from: 'From',
  to: 'To',
  country: 'Country',
  allCountries: 'All countries',
  product: 'Product',
  allProducts: 'All products',
  allValues: 'All',
  chosen: (count: number) => `${count} chosen`,
  withoutUnknown: 'Without unknown',
  narrowedTo: 'Narrowed to',
  dropChip: (text: string) => `Take away ${text}`,
  /** Narrows the page to a thing, where it stands. */
  only: (name: string) => `Show only ${name}`,
  pageOf: (name: string) => `The page of ${name}`,
  revenueMeaning: 'Gross is all that was sold; net leaves out sales that are Cancelled or Refunded.',
  revenues: { gross: 'Gross', net: 'Net' },
  /** In the place of "Revenue", beside what was taken back. */
  netRevenue: 'Net revenue',
  /** Which part of the revenue was taken back, beside the figure; null where nothing was. */
  reversed: (share: string | null, isNet: boolean) =>
    share === null
      ? isNet
        ? 'nothing was cancelled or refunded'
        : undefined
      : isNet
        ? `without ${share} cancelled or refunded`
        : `${share} of it cancelled or refunded`,
  isNet: 'Net: without sales that are Cancelled or Refunded.',
  netUnanswered: (what: Page['unanswered']) =>
    `Net of what was cancelled or refunded, sums such as revenue, transactions and prices are exact. ${counted(what)} do not add up over parts of the sales, so what counts them is empty.`,
  /** Which measures a choice of the shop's own filters cannot answer. */
  unanswered: (filters: readonly string[], what: Page['unanswered']) =>
    what.includes('scores')
      ? `Chosen by ${filters.join(', ')}: who these customers are and what they spent is exact. Scores, segments and cohorts are of all customers, so they are not shown.`
      : `Chosen by ${filters.join(', ')}: sums such as revenue, transactions and prices are exact. ${counted(what)} do not add up over parts of the sales, so what counts them is empty.`,
  /** Which of the shop's own filters mean nothing on a page. */
  notNarrowed: (filters: readonly string[]) =>
    `Not chosen by ${filters.join(', ')} here: it tells sales apart, and this page is not of sales.`,
  severalCurrencies: (where: string) => `Amounts of several currencies are added up as if they were of one (${where}).`,
  unknown: 'Unknown',
  reset: 'Reset',
  /** A label of the data as people read it. */
  known: (label: string) =>
    ({ 'no customer': 'No customer', 'customer not in customers': 'Customer not on file' })[label] ?? label,

  explain: 'Explain this number',
  knownOn: 'As known on',
  noHistory: 'No history of these numbers is kept.',
  /** `asked` is null where a run was asked for. */
  asKnown: (asked: string | null, published: string) =>
    `${asked === null ? 'As known then' : `As known on ${asked}`}: the numbers that were published on ${published}. What has come since is not in them.`,
  asItIs: 'Show what is known now',
  addsUp: 'It adds up to all revenue, to the cent.',
  addsNotUp: 'It does not add up to all revenue.',
  unknownOfAll: (share: string) => `${share} of the shop’s revenue of all time is unknown here, or left out.`,
  checksOf: (passed: string, all: string) => `${passed} of ${all} checks of its tables passed.`,
  unknownShare: (share: string) => `${share} unknown`,
  search: 'Search',
  marks: 'What the chart is held against',
  goal: (name: string, value: string) => `Goal: ${name} (${value})`,
  view: 'View',
  noView: 'As chosen',
  saveView: 'Save view',
  viewName: 'Name of the view',
  save: 'Save',
  forgetView: 'Forget view',
  /** How a chart is read by keyboard. */
  chartKeys: 'Arrow keys go from one to the next, Enter explains it.',
  chart: 'Chart',
  table: 'Table',
  firstRows: (count: string, isReport: boolean) =>
    `These are the first ${count}; ${isReport ? 'the dashboard' : 'the CSV file'} has all.`,
  rowsShown: (shown: string, all: string) => `${shown} of ${all} rows`,
  showMore: 'Show more',
  downloadCsv: (title: string) => `CSV of ${title}`,
  downloadPng: (title: string) => `PNG of ${title}`,
  copy: 'Copy',
  copied: 'Copied',
  notCopied: 'Not allowed',
  copyPicture: (title: string) => `Copy ${title} as a picture`,
  /** What is measured, and in what; null where the shop does not say. */
  inCurrency: (measure: string, currency: string | undefined) =>
    currency === undefined ? `${measure} (the currency is not named)` : `${measure} in ${currency}`,
  source: (time: string) => `Source: Lingot${time === '' ? '' : `, gold of ${time}`}`,
  downloadSvg: (title: string) => `SVG of ${title}`,
  showSql: (title: string) => `SQL of ${title}`,
  chartOf: (title: string, count: number) => `${title}: a chart of ${count} rows. The button Table shows them.`,
  more: 'Look closer',

  month: 'Month',
  revenue: 'Revenue',
  orders: 'Orders',
  transactions: 'Transactions',
  share: 'Share',
  keyFigures: 'Key figures',
  kpis: {
    revenue: { label: 'Revenue', meaning: 'Sum of amount − discount + shipping, where the amount is known.' },
    orders: {
      label: 'Orders',
      meaning:
        'Different orders, whether their amount is known or not; a transaction that names none is one of its own.',
    },
    average_order_value: {
      label: 'Average order',
      meaning: 'Revenue divided by the orders with a transaction whose amount is known.',
    },
    active_customers: {
      label: 'Active customers',
      meaning: 'Different customers with an order in the period, each counted once.',
    },
    repeat_rate_pct: {
      label: 'Repeat rate',
      meaning: 'Active customers with two or more orders in the period, of all active customers.',
    },
  },
  transactionsPerOrder: (transactions: string, perOrder: string) =>
    `${transactions} transactions, ${perOrder} an order`,
  on: (period: string) => `on ${period}`,
  points: (value: string, sign: string) => `${sign}${value} pts`,
  revenueOver: {
    day: 'Revenue by day',
    week: 'Revenue by week',
    month: 'Revenue by month',
    quarter: 'Revenue by quarter',
  },
  revenueOverNote: 'Transactions without a date are in none. A week begins on Monday.',
  revenueByMonthNote:
    'Months are UTC unless the shop names its time zone; orders of unknown amount count as orders, and an order of several months in each.',
  revenueByProduct: 'Revenue by product',
  revenueByCountry: 'Revenue by country',
  revenueBy: (filter: string) => `Revenue by ${filter.toLowerCase()}`,
  fiveAnswers: 'Five answers',
  ownAnswerNote: 'A question of this shop’s own: the whole shop, whatever the filters say.',
  fiveAnswersNote: 'All time and the whole shop, whatever the filters say.',
  queryBehind: 'the query behind it',
  questions: {
    1: 'Who are the best customers?',
    2: 'Which product brings in the most?',
    3: 'Which campaign has the best ROI?',
    4: 'How do sales evolve?',
    5: 'Which country brings in the most?',
  } as Record<number, string>,
  answers: {
    customer: (a: {
      name: Words
      id: string | null
      spent: Words
      share: string
      count: number
      together: string
    }): Words => [
      a.name,
      `${a.id === null ? '' : ` (${a.id})`} spent `,
      a.spent,
      `, ${a.share} of all revenue. The best ${a.count} together: ${a.together}.`,
    ],
    product: (a: { name: Words; revenue: Words; share: string; unknown: string | null }): Words => [
      a.name,
      ' brings in ',
      a.revenue,
      `, ${a.share} of all revenue.`,
      a.unknown === null ? '' : ` For ${a.unknown} the product is unknown.`,
    ],
    campaign: (a: { name: Words; id: string | null; roi: Words; without: string | null }): Words => [
      a.name,
      `${a.id === null ? '' : ` (${a.id})`} left `,
      a.roi,
      ' of its budget unspent, which is how ROI is defined here.',
      a.without === null ? '' : ` ${a.without} campaigns have no ROI: budget or spend is unknown.`,
    ],
    months: (a: {
      month: Words
      revenue: Words
      change: string | null
      best: string
      bestRevenue: string
      /** The month that is not over, as far as it is known. */
      begun: { span: string; revenue: string } | null
    }): Words => [
      a.month,
      ' brought in ',
      a.revenue,
      a.change === null ? '.' : `, ${a.change} on the month before.`,
      ` The best month was ${a.best}: ${a.bestRevenue}.`,
      a.begun === null ? '' : ` Since then, ${a.begun.span}: ${a.begun.revenue}.`,
    ],
    country: (a: { name: Words; revenue: Words; share: string; unknown: string | null }): Words => [
      a.name,
      ' brings in ',
      a.revenue,
      `, ${a.share} of all revenue.`,
      a.unknown === null ? '' : ` ${a.unknown} belongs to no known country.`,
    ],
  },
  whatIsMissing: 'What do these numbers not see?',
  /** Each part is null where there is none of it. */
  coverage: ({ undated, noCustomer, amountUnknown }: Coverage) =>
    [
      undated === null ? [] : `${undated} of all revenue has no date and is in no period.`,
      noCustomer === null ? [] : `${noCustomer} has no known customer and is in no country.`,
      amountUnknown === null ? [] : `${amountUnknown} transactions have no known amount.`,
      (undated ?? noCustomer ?? amountUnknown) === null
        ? 'Nothing: every sale has a date, a known customer and an amount.'
        : [],
    ]
      .flat()
      .join(' '),
}

/** A period in words. */
interface Shown {
  span: string
  isYearToDate: boolean
  before: string | null
  without: 'chosen' | 'incomplete' | 'unreached' | 'all'
}

/** What no filter can see. */
interface Coverage {
  undated: string | null
  noCustomer: string | null
  amountUnknown: string | null
}

export type Messages = typeof en
