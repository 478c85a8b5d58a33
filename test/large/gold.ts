import type { Place } from '../trust/place.ts'
import type { Shop } from './shop.ts'

/** An id or a name of 200 characters in SQL, which differ at their end alone. */
const long = (kind: string, number: string) => `rpad('${kind}', 190, '-') || lpad((${number})::text, 10, '0')`

const month = (number: string) => `to_char(date '2021-01-01' + make_interval(months => (${number}) % 60), 'YYYY-MM')`

/**
 * Puts the gold of such a shop in the place of what is there: customers of one country, one each of the others, sales of
 * five years. The tables have to be there already, as a run makes them; as after a run PostgreSQL has not looked at them yet.
 */
export async function fillGold(
  { gold, names }: Pick<Place, 'gold' | 'names'>,
  { products, customers, campaigns, countries, sales }: Shop,
): Promise<void> {
  const country = `case when i <= ${customers} then 'France' else ${long('country', `i - ${customers}`)} end`
  const people = `(select i, ${long('customer', 'i')} as id, ${country} as country from generate_series(1, ${customers + countries - 1}) as i)`
  const tables: Readonly<Record<string, string>> = {
    customer_metrics: `select id, ${long('name', 'i')}, country, ${long('city', 'i % 5000')}, 2, i % 90000 / 100.0, i % 90000 / 200.0,
      date '2021-01-01' + i % 1800, date '2021-01-01' + i % 1800 from ${people} as people`,
    country_statistics: `select country, count(*), sum(i % 90000) / 100.0, avg(i % 90000) / 100.0, 33.3333
      from ${people} as people group by country`,
    product_performance: `select ${long('product', 'i')}, 6, i % 1000, 10.00, 3 from generate_series(1, ${products}) as i`,
    campaign_performance: `select ${long('campaign', 'i')}, ${long('name', 'i')}, 'Type ' || i % 40, 1000, i % 900, i % 7, i % 900 / 10.0,
      (i % 7) * 100.0 / nullif(i % 900, 0), 0.5, 5, i % 100, 'Status ' || i % 20 from generate_series(1, ${campaigns}) as i`,
    campaign_spending: `select ${long('campaign', 'i')}, ${month('i')}, 1, 100 + i, 50 + i % 50 from generate_series(1, ${campaigns}) as i`,
    monthly_sales: `select ${month('i')}, ${long('product', `i % ${products} + 1`)}, case when i % 1000 < ${countries} and i > ${sales} - 50000
        then ${long('country', `i % ${countries} + 1`)} else 'France' end, 'customer known', 1, 1, i % 10000 / 100.0, i % 10000 / 100.0,
        (i % 12 = 0)::int, (i % 12 = 0)::int, (i % 12 = 0)::int * (i % 10000) / 100.0, (i % 12 = 0)::int * (i % 10000) / 100.0, 1, 1
      from generate_series(1, ${sales}) as i on conflict do nothing`,
    country_sales: `select month, country, buyer, sum(transactions), sum(amounts_known), sum(revenue), sum(goods),
        sum(reversed_transactions), sum(reversed_amounts_known), sum(reversed_revenue), sum(reversed_goods), sum(orders), sum(orders_with_amount)
      from ${names.goldSchema}.monthly_sales group by month, country, buyer`,
    daily_sales: `select cast(month || '-15' as date), country, buyer, transactions, amounts_known, revenue,
        reversed_transactions, reversed_amounts_known, reversed_revenue
      from ${names.goldSchema}.country_sales where month <> 'Unknown'`,
    monthly_revenue: `select date '2021-01-01' + make_interval(months => i), 1000, 100, 10, 10 from generate_series(0, 59) as i`,
    product_activity: `select ${long('product', `i % ${products} + 1`)}, ${month('i')}, 'None', 'None', 'France', 'customer known', 1, 1
      from generate_series(1, ${Math.ceil(sales * 0.6)}) as i on conflict do nothing`,
    customer_activity: `select ${month('i')}, case when j = 0 then 'None' else ${month('i - j')} end, 'None',
        case when k = 0 then 'France' else ${long('country', 'k')} end, 'customer known', 100, 50
      from generate_series(60, 119) as i cross join generate_series(0, 12) as j cross join generate_series(0, ${Math.ceil(countries / 10)}) as k
      on conflict do nothing`,
    customer_cohorts: `select ${month('i')}, j, case when k = 0 then 'France' else ${long('country', 'k')} end, 'customer known', 100, 200, 1000, 200
      from generate_series(0, 59) as i cross join generate_series(0, 59) as j cross join generate_series(0, ${Math.ceil(countries / 10)}) as k
      where i + j < 60`,
    customer_distribution: `select country, 0.01, 1.00, count(*), 10 from ${people} as people group by country`,
    customer_segments: `select country, 5, 5, 5, 'Champions', count(*), 10, 10, 10, 1, 1 from ${people} as people group by country`,
  }
  for (const [table, rows] of Object.entries(tables)) {
    await gold(`truncate ${names.goldSchema}.${table}`)
    await gold(`insert into ${names.goldSchema}.${table} ${rows}`)
  }
}
