-- Which rows of gold are added up here?
-- The most customers first.

with :chosen(country)

select
    :table.*,
    count(*) over () as all_rows
from :table
cross join chosen
where :place and :cell
order by :table.customers desc, :table.country collate "C"
limit 100
