-- How much is in gold?
-- One row per table.

select 'campaign_performance' as name, count(*) as row_count from campaign_performance
union all
select 'campaign_spending', count(*) from campaign_spending
union all
select 'country_sales', count(*) from country_sales
union all
select 'country_statistics', count(*) from country_statistics
union all
select 'customer_activity', count(*) from customer_activity
union all
select 'customer_cohorts', count(*) from customer_cohorts
union all
select 'customer_distribution', count(*) from customer_distribution
union all
select 'customer_metrics', count(*) from customer_metrics
union all
select 'customer_segments', count(*) from customer_segments
union all
select 'gold_run', count(*) from gold_run
union all
select 'monthly_revenue', count(*) from monthly_revenue
union all
select 'monthly_sales', count(*) from monthly_sales
union all
select 'product_activity', count(*) from product_activity
union all
select 'product_performance', count(*) from product_performance
union all
select 'reconciliation', count(*) from reconciliation
union all
select 'spanning_orders', count(*) from spanning_orders
order by name
