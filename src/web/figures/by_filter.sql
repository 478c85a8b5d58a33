-- Which :label brings in the most revenue in the period?
-- One row for each of the six best, and one, Unknown, for sales of which nobody knows it.
-- A share is of all revenue of the period; previous_revenue is of the period that it is compared with.

with :chosen(from_month, to_month, before_from, before_to, country, product),

parts as (
    select
        filtered_sales.:column,
        sum(filtered_sales.revenue) filter (where :in_period(filtered_sales)) as revenue,
        sum(filtered_sales.revenue) filter (where :is_before(filtered_sales)) as previous_revenue
    from filtered_sales
    cross join chosen
    where
        :in_country(filtered_sales)
        and (chosen.product is null or filtered_sales.product = chosen.product)
    group by filtered_sales.:column
),

best as (
    select *
    from parts
    where :column <> 'Unknown' and revenue is not null
    order by revenue desc, :column collate "C"
    limit 6
),

named as (
    select * from best
    union all
    select * from parts where :column = 'Unknown' and revenue is not null
)

select
    :column,
    revenue,
    round(revenue * 100 / nullif((select sum(revenue) from parts), 0), 2) as share_pct,
    case when (select before_from from chosen) is not null then coalesce(previous_revenue, 0.00) end as previous_revenue
from named
order by (:column = 'Unknown'), revenue desc, :column collate "C"
