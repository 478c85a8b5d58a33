-- How much is in gold?
-- One row per table.

select 'campaign_performance' as name, count(*) as row_count from campaign_performance
union all
select 'campaign_spending' as name, count(*) as row_count from campaign_spending
union all
select 'country_sales' as name, count(*) as row_count from country_sales
union all
select 'country_statistics' as name, count(*) as row_count from country_statistics
union all
select 'customer_activity' as name, count(*) as row_count from customer_activity
union all
select 'customer_cohorts' as name, count(*) as row_count from customer_cohorts
union all
select 'customer_distribution' as name, count(*) as row_count from customer_distribution
union all
select 'customer_metrics' as name, count(*) as row_count from customer_metrics
union all
select 'customer_segments' as name, count(*) as row_count from customer_segments
union all
select 'daily_sales' as name, count(*) as row_count from daily_sales
union all
select 'gold_run' as name, count(*) as row_count from gold_run
union all
select 'monthly_revenue' as name, count(*) as row_count from monthly_revenue
union all
select 'monthly_sales' as name, count(*) as row_count from monthly_sales
union all
select 'product_activity' as name, count(*) as row_count from product_activity
union all
select 'product_performance' as name, count(*) as row_count from product_performance
union all
select 'reconciliation' as name, count(*) as row_count from reconciliation
union all
select 'spanning_orders' as name, count(*) as row_count from spanning_orders
order by name
