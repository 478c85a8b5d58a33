import type { Customer as CustomerTold } from '../../api.ts'
import type { Explanation } from '../../explanation.ts'
import { useAddress } from '../address.ts'
import { isReport, useResource } from '../data.ts'
import { useOpening } from '../explain.ts'
import { written } from '../explained_value.ts'
import { recordsOf } from '../figure.ts'
import { useFormat } from '../format.ts'
import { useMessages, useWords } from '../language.ts'
import { en as explainEn, fr as explainFr } from '../parts/explain_words.ts'
import { AsKnown } from '../parts/known_on.tsx'
import { Kpi } from '../parts/kpi.tsx'
import { PageFrame, useTitle } from '../parts/page_frame.tsx'
import { RecordsPart } from '../parts/records_part.tsx'
import { Empty, Loading, Trouble } from '../parts/states.tsx'
import { nameOrId } from '../parts/thing.tsx'
import '../style/explain.css'
import { authorization } from '../token.ts'
import { en as customersEn, fr as customersFr } from './customers_words.ts'
import { Figures, OverTime, Shares } from './overview.tsx'
import { en, fr } from './things_words.ts'

/** How many records a page lists. */
const MOST = 200

/** One customer: what they spent, which kind they are, and their transactions. */
export function Customer() {
  const { query } = useAddress()
  return query['customer'] ? <OneCustomer id={query['customer']} /> : <Unnamed of="customer" />
}

/** An address that names none. */
function Unnamed({ of }: { of: 'customer' | 'campaign' }) {
  const words = useWords({ en, fr })
  const { link } = useAddress()
  const all = `${of}s` as const
  useTitle(words[of])
  return (
    <>
      <Head title={words[of]} all={{ href: link(all), text: words[all] }} />
      <div class="content">
        <Empty>{words.unnamed}</Empty>
      </div>
    </>
  )
}

function OneCustomer({ id }: { id: string }) {
  const words = useWords({ en, fr })
  const kinds = useWords({ en: customersEn, fr: customersFr }).kinds
  const messages = useMessages()
  const format = useFormat()
  const { filters, link } = useAddress()
  const asOf = filters.asOf === undefined ? '' : `?${new URLSearchParams({ asOf: filters.asOf })}`
  const { data, problem, retry } = useResource<CustomerTold>(`/api/customers/${encodeURIComponent(id)}${asOf}`)
  const [row] = data === undefined ? [] : recordsOf(data)
  const name = nameOrId(row?.['full_name'], id)
  useTitle(name)
  const explain = `customer:${id}`
  const segment = row?.['segment']
  const [kind, meaning] = kinds[segment ?? ''] ?? [segment, undefined]
  return (
    <>
      <Head title={name} all={{ href: link('customers'), text: words.customers }}>
        {row && [id, messages.known(row['city'] ?? ''), messages.known(row['country'] ?? '')].join(' · ')}
      </Head>
      <div class="content">
        {problem !== undefined ? (
          <Trouble problem={problem} onRetry={retry} />
        ) : row === undefined || data === undefined ? (
          <Loading height={112} />
        ) : (
          <>
            {data.asOf && <AsKnown asOf={data.asOf} />}
            <dl class="kpis" aria-label={messages.keyFigures}>
              <Kpi
                name="total_spent"
                label={words.spent}
                meaning={words.spentMeaning}
                value={format.compact(row['total_spent'])}
                exact={format.money(row['total_spent'])}
                note={words.place(format.integer(row['place']), format.integer(row['customers']))}
                explain={explain}
              />
              <Kpi
                name="total_transactions"
                label={messages.transactions}
                value={format.integer(row['total_transactions'])}
                explain={explain}
              />
              <Kpi
                name="avg_transaction_amount"
                label={words.average}
                value={format.money(row['avg_transaction_amount'])}
                explain={explain}
              />
              <Kpi
                name="first_purchase_date"
                label={words.first}
                value={format.date(row['first_purchase_date'] ?? null)}
                explain={explain}
              />
              <Kpi
                name="last_purchase_date"
                label={words.last}
                value={format.date(row['last_purchase_date'] ?? null)}
                explain={explain}
              />
              <Kpi
                name="segment"
                label={words.segment}
                {...(meaning !== undefined && { meaning })}
                value={kind ?? '–'}
                note={
                  row['recency'] == null
                    ? words.noSegment
                    : words.scores(row['recency'], row['frequency'] ?? '', row['monetary'] ?? '')
                }
              />
            </dl>
            {data.asOf === undefined && <Records subject="customer" id={id} />}
          </>
        )}
      </div>
    </>
  )
}

/** One product: the overview of it alone. */
export function Product() {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const { query, link } = useAddress()
  const { open } = useOpening()
  const product = query['product'] ?? ''
  return (
    <PageFrame
      page="overview"
      title={messages.known(product) || messages.product}
      about={<a href={link('products')}>{words.products}</a>}
    >
      {(data) => (
        <>
          <Figures data={data} />
          <OverTime data={data} />
          <Shares data={data} of="country" title={messages.revenueByCountry} page="countries" />
          {product !== '' && !isReport && (
            <p>
              <button type="button" class="button" onClick={() => open(`product:${product}`)}>
                {words.showRows}
              </button>
            </p>
          )}
        </>
      )}
    </PageFrame>
  )
}

/** One campaign: its row of gold and the records that it is made of. */
export function Campaign() {
  const { query } = useAddress()
  return query['campaign'] ? <OneCampaign id={query['campaign']} /> : <Unnamed of="campaign" />
}

function OneCampaign({ id }: { id: string }) {
  const words = useWords({ en, fr })
  const names = useWords({ en: explainEn, fr: explainFr })
  const messages = useMessages()
  const format = useFormat()
  const { link } = useAddress()
  const { data, problem, retry } = useExplanation('campaign', id)
  const textOf = (column: string) => data?.row.find((value) => value.column === column)?.value ?? null
  const name = textOf('campaign_name')
  const title = (name === 'Unknown' ? null : name) ?? id
  useTitle(title)
  const totals = new Map(data?.silver.flatMap((set) => set.totals.map(({ column, sum }) => [column, sum] as const)))
  const figures = data?.row.filter(({ isNumber }) => isNumber) ?? []
  return (
    <>
      <Head title={title} all={{ href: link('campaigns'), text: words.campaigns }}>
        {data &&
          [id, messages.known(textOf('campaign_type') ?? ''), messages.known(textOf('status') ?? '')].join(' · ')}
      </Head>
      <div class="content">
        {problem !== undefined ? (
          <Trouble problem={problem} onRetry={retry} />
        ) : data === undefined ? (
          <Loading height={112} />
        ) : (
          <>
            <dl class="kpis" aria-label={messages.keyFigures}>
              {(['budget', 'spend'] as const).map((column) => (
                <Kpi
                  key={column}
                  name={column}
                  label={words[column]}
                  value={format.compact(totals.get(column))}
                  exact={format.money(totals.get(column))}
                  explain={`campaign:${id}`}
                />
              ))}
              {figures.map(({ column, value, meaning }) => (
                <Kpi
                  key={column}
                  name={column}
                  label={names.columns[column] ?? column}
                  meaning={meaning}
                  value={written(column, value, format)}
                  explain={`campaign:${id}`}
                />
              ))}
            </dl>
            <Sets data={data} />
          </>
        )}
      </div>
    </>
  )
}

function Head({
  title,
  all,
  children,
}: {
  title: string
  all: { href: string; text: string }
  children?: string | undefined
}) {
  return (
    <div class="page-head">
      <div>
        <h1>{title}</h1>
        <p class="quiet">
          {children && `${children} · `}
          <a href={all.href}>{all.text}</a>
        </p>
      </div>
    </div>
  )
}

function useExplanation(subject: string, id: string) {
  return useResource<Explanation>(
    `/api/explain/${subject}/${encodeURIComponent(id)}?${new URLSearchParams({ records: String(MOST) })}`,
    authorization(),
  )
}

/** The records of silver that a row is made of. */
function Records({ subject, id }: { subject: string; id: string }) {
  const { data, problem, retry } = useExplanation(subject, id)
  if (problem !== undefined) return <Trouble problem={problem} onRetry={retry} />
  return data === undefined ? <Loading height={320} /> : <Sets data={data} />
}

function Sets({ data }: { data: Explanation }) {
  const words = useWords({ en, fr })
  return (
    <div class="explained-sets">
      <h2 class="unseen">{words.records}</h2>
      {data.silver.map((set) => (
        <RecordsPart key={set.collection} set={set} />
      ))}
    </div>
  )
}
