-- One row per part of the revenue, seen from one table: how much of it the table holds, and where the rest is.
-- The parts of each gold_table add up to those of "all sales", to the cent.
-- A setting leaves sales out of every table, by their status; by default none.
-- Where there are more than fifty statuses, the rarer ones are one part, "other statuses".

-- Sales by everything that decides where they belong: some hundred rows, however many sales there are.
with kinds as (
    select
        status,
        is_left_out,
        case when is_left_out then 'left out by status' else buyer end as buyer,
        case when product = 'Unknown' then 'product unknown' else 'product known' end as product,
        case when month is null then 'no date' else 'dated' end as date,
        case when country = 'Unknown' then 'country unknown' else 'country known' end as country,
        sum(transactions) as transactions,
        sum(revenue) as revenue,
        sum(transactions - amounts_known) as amount_unknown
    from sold
    group by all
),

-- Those left out have a name of their own in any case: a part is in the table, or it is not.
statuses as (
    select
        status,
        is_left_out,
        case
            when not is_left_out
                and row_number() over (order by is_left_out desc, sum(transactions) desc, status) > 50
                then 'other statuses'
            else status
        end as name
    from kinds
    group by status, is_left_out
),

views as (
    select 'all sales' as gold_table, 'all' as part, transactions, revenue, amount_unknown from kinds
    union all
    select 'customer_metrics', buyer, transactions, revenue, amount_unknown from kinds
    union all
    select
        'product_performance',
        case when is_left_out then buyer else product end,
        transactions, revenue, amount_unknown
    from kinds
    union all
    select 'monthly_revenue', case when is_left_out then buyer else date end, transactions, revenue, amount_unknown
    from kinds
    union all
    select
        'country_statistics',
        case when buyer = 'customer known' then country else buyer end,
        transactions, revenue, amount_unknown
    from kinds
    union all
    select 'by status', statuses.name, kinds.transactions, kinds.revenue, kinds.amount_unknown
    from kinds
    inner join statuses on statuses.status = kinds.status and statuses.is_left_out = kinds.is_left_out
),

-- Each part is named even where it is empty.
parts as (
    select * from (values
        ('all sales', 'all', true),
        ('customer_metrics', 'customer known', true),
        ('customer_metrics', 'customer not in customers', false),
        ('customer_metrics', 'no customer', false),
        ('product_performance', 'product known', true),
        ('product_performance', 'product unknown', true),
        ('monthly_revenue', 'dated', true),
        ('monthly_revenue', 'no date', false),
        ('country_statistics', 'country known', true),
        ('country_statistics', 'country unknown', true),
        ('country_statistics', 'customer not in customers', false),
        ('country_statistics', 'no customer', false)
    ) as named (gold_table, part, in_table)
    union all
    select distinct 'by status', name, not is_left_out from statuses
    union all
    select distinct tables.gold_table, 'left out by status', false
    from statuses
    cross join (values
        ('customer_metrics'), ('product_performance'), ('monthly_revenue'), ('country_statistics')
    ) as tables (gold_table)
    where statuses.is_left_out
)

select
    parts.gold_table,
    parts.part,
    parts.in_table,
    cast(coalesce(sum(views.transactions), 0) as bigint) as transactions,
    cast(coalesce(sum(views.revenue), 0) as decimal(38, 2)) as revenue,
    cast(coalesce(sum(views.amount_unknown), 0) as bigint) as amount_unknown
from parts
left join views on views.gold_table = parts.gold_table and views.part = parts.part
group by parts.gold_table, parts.part, parts.in_table
