-- How do the products sell, month by month?
-- One row per month of the period and product with a sale in it, or in the month in the same place of the period that this
-- one is compared with, of which previous_revenue is: the eight best products of the period and Unknown by name, the
-- others as "Other products". Left out: sales without a date.

with :chosen(from_month, to_month, before_from, before_to, country, product),

:each_product,

:best,

:sides,

named as materialized (
    select
        sides.month,
        monthly_sales.product,
        sum(monthly_sales.revenue) filter (where sides.is_this) as revenue,
        sum(monthly_sales.transactions) filter (where sides.is_this) as transactions,
        sum(monthly_sales.goods) filter (where sides.is_this) as goods,
        sum(monthly_sales.amounts_known) filter (where sides.is_this) as amounts_known,
        sum(monthly_sales.revenue) filter (where not sides.is_this) as previous_revenue,
        sum(monthly_sales.transactions) filter (where not sides.is_this) as previous_transactions
    from monthly_sales
    inner join sides on sides.sold_in = monthly_sales.month
    cross join chosen
    where
        :in_country(monthly_sales)
        and (chosen.product is null or monthly_sales.product = chosen.product)
        and (
            chosen.product is not null
            or monthly_sales.product = 'Unknown'
            or monthly_sales.product in (select product from best)
        )
    group by sides.month, monthly_sales.product
),

-- What there is beside them: all of a month, less those by name.
others as (
    select
        sides.month,
        case when sides.is_this then country_sales.revenue end as revenue,
        case when sides.is_this then country_sales.transactions end as transactions,
        case when sides.is_this then country_sales.goods end as goods,
        case when sides.is_this then country_sales.amounts_known end as amounts_known,
        case when not sides.is_this then country_sales.revenue end as previous_revenue,
        case when not sides.is_this then country_sales.transactions end as previous_transactions
    from country_sales
    inner join sides on sides.sold_in = country_sales.month
    cross join chosen
    where chosen.product is null and :in_country(country_sales)
    union all
    select
        named.month,
        -named.revenue,
        -named.transactions,
        -named.goods,
        -named.amounts_known,
        -named.previous_revenue,
        -named.previous_transactions
    from named
    cross join chosen
    where chosen.product is null
),

parts as (
    select * from named
    union all
    select
        month,
        'Other products',
        sum(revenue),
        sum(transactions),
        sum(goods),
        sum(amounts_known),
        sum(previous_revenue),
        sum(previous_transactions)
    from others
    group by month
    having sum(transactions) > 0 or sum(previous_transactions) > 0
)

select
    parts.month,
    parts.product,
    coalesce(parts.revenue, 0.00) as revenue,
    coalesce(parts.transactions, 0)::bigint as transactions,
    round(parts.goods / nullif(parts.amounts_known, 0), 2) as avg_price,
    case when chosen.before_from is not null then coalesce(parts.previous_revenue, 0.00) end as previous_revenue
from parts
cross join chosen
order by parts.month, parts.product collate "C"
