-- Which :label brings in the most revenue in the period?
-- One row for each of the six best, and one, Unknown, for sales of which nobody knows it.
-- A share is of all revenue of the period.

with :chosen(from_month, to_month, country, product),

parts as (
    select
        filtered_sales.:column,
        sum(filtered_sales.revenue) as revenue
    from filtered_sales
    cross join chosen
    where
        :in_period(filtered_sales)
        and :in_country(filtered_sales)
        and (chosen.product is null or filtered_sales.product = chosen.product)
    group by filtered_sales.:column
),

best as (
    select :column, revenue
    from parts
    where :column <> 'Unknown'
    order by revenue desc, :column collate "C"
    limit 6
),

named as (
    select :column, revenue from best
    union all
    select :column, revenue from parts where :column = 'Unknown'
)

select
    :column,
    revenue,
    round(revenue * 100 / nullif((select sum(revenue) from parts), 0), 2) as share_pct
from named
order by (:column = 'Unknown'), revenue desc, :column collate "C"
