-- One row per month (UTC unless timeZone is set), country and kind of buyer: monthly_sales without the products, for
-- what is asked of all of them, however many they are.
-- Nothing is left out.

select
    month,
    country,
    buyer,
    cast(sum(transactions) as bigint) as transactions,
    cast(sum(amounts_known) as bigint) as amounts_known,
    cast(sum(revenue) as decimal(38, 2)) as revenue,
    cast(sum(goods) as decimal(38, 2)) as goods
from monthly_sales
group by month, country, buyer
