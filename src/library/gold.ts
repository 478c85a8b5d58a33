/**
 * The tables of gold and their columns, as Kysely takes a database: numbers and days are exact texts, instants are Dates.
 * Made by `npm run docs` from the models; a test fails when it is out of date.
 */
export interface Gold {
  /** How each campaign performs. One row per campaign_id, its records added up. */
  campaign_performance: {
    /** The campaign. */
    campaign_id: string
    /** Name in the latest record that has one. */
    campaign_name: string
    /** Channel in the latest record that has one. */
    campaign_type: string
    /** Sum of the known impressions; null if none is known. */
    total_impressions: string | null
    /** Sum of the known clicks; null if none is known. */
    total_clicks: string | null
    /** Sum of the known conversions; null if none is known. */
    total_conversions: string | null
    /** clicks / impressions * 100, as a ratio of sums over the records where both are known. */
    avg_ctr: string | null
    /** conversions / clicks * 100, as a ratio of sums over the records where both are known. */
    avg_conversion_rate: string | null
    /** spend / clicks, as a ratio of sums over the records where both are known. */
    avg_cpc: string | null
    /** spend / conversions, as a ratio of sums over the records where both are known. */
    avg_cpa: string | null
    /** (budget - spend) / budget * 100, as a ratio of sums over the records where both are known. */
    roi: string | null
    /** Status in the latest record that has one. */
    status: string
  }
  /** What each campaign was given and what it spent. One row per campaign_id, its records added up. */
  campaign_spending: {
    /** The campaign. */
    campaign_id: string
    /** Month (UTC unless timeZone is set) in which its latest record starts, as 2025-03; Unknown if none has a start date. */
    start_month: string
    /** Number of records. */
    records: string
    /** Sum of the known budgets; null if none is known. */
    total_budget: string | null
    /** Sum of the known spends; null if none is known. */
    total_spend: string | null
  }
  /** All sales of all products, cut for the filters of the dashboard. One row per month, country and kind of buyer. */
  country_sales: {
    /** Month (UTC unless timeZone is set) as 2025-03; Unknown where the sale has no date. */
    month: string
    /** Country of the customer; Unknown where it is missing, or nobody knows the customer. */
    country: string
    /** "customer known", "customer not in customers" or "no customer", as in reconciliation. */
    buyer: string
    /** Number of transactions. */
    transactions: string
    /** Number of them whose amount is known; averages divide by it. */
    amounts_known: string
    /** Sum of total_amount where known; 0.00 if none is known. */
    revenue: string
    /** Sum of amount where known, before discount and shipping; 0.00 if none is known. */
    goods: string
    /** Number of transactions that are Cancelled or Refunded. */
    reversed_transactions: string
    /** Number of these whose amount is known. */
    reversed_amounts_known: string
    /** Sum of total_amount of these; net revenue is revenue less this. */
    reversed_revenue: string
    /** Sum of amount of these. */
    reversed_goods: string
    /** Number of orders; a transaction is one, or part of one. Rows add up to more where an order stands in several; of months, countries and kinds of buyer spanning_orders tells how many. */
    orders: string
    /** Number of them with a transaction here whose amount is known; average orders divide by it. */
    orders_with_amount: string
  }
  /** What the customers of each country are worth. One row per country of the customers in silver. */
  country_statistics: {
    /** Country of residence; Unknown where it is missing. */
    country: string
    /** Number of customers in silver, buyers or not. */
    total_customers: string
    /** Sum of total_amount of those customers where known; 0.00 if none is known. */
    total_revenue: string
    /** total_revenue / total_customers. */
    avg_customer_value: string
    /** Consenting customers / total_customers * 100. */
    marketing_consent_rate: string
  }
  /** How many customers bought when, so that those of any period can be counted once. One row per month, the months before and after it in which the same customers bought, country and kind of buyer. */
  customer_activity: {
    /** Month (UTC unless timeZone is set) of purchases as 2025-03; Unknown for sales without a date, which stand before all months. */
    month: string
    /** The month before it in which these customers bought; None if there is none. */
    previous_month: string
    /** The month after it in which these customers bought in another order; None if there is none. */
    next_month: string
    /** Country of the customers; Unknown where it is missing, or they are not in customers. */
    country: string
    /** "customer known" or "customer not in customers". */
    buyer: string
    /** Number of customers. */
    customers: string
    /** Number of them with a single order in the month; a transaction is one, or part of one. */
    with_one_order: string
  }
  /** Who comes back, and when. One row per month of the customers' first purchase, country and kind of buyer, and number of months since. */
  customer_cohorts: {
    /** Month (UTC unless timeZone is set) of the first dated purchase, as 2025-03. */
    cohort: string
    /** Months from it to the month that the row is about; 0 is the month itself. */
    months_since: string
    /** Country of the customers; Unknown where it is missing, or they are not in customers. */
    country: string
    /** "customer known" or "customer not in customers". */
    buyer: string
    /** Number of customers of the cohort who bought in that month. */
    customers: string
    /** Number of their transactions in it. */
    transactions: string
    /** Sum of their total_amount in it where known. */
    revenue: string
    /** Number of their orders in it; a transaction is one, or part of one. */
    orders: string
  }
  /** How many customers spent how much. One row per country and step of total_spent that has customers. */
  customer_distribution: {
    /** Country of residence; Unknown where it is missing. */
    country: string
    /** The step begins here; -9999999999999999.99 stands for everything below 0. */
    at_least: string
    /** The step ends before this; null for the last one, which has no end. */
    below: string | null
    /** Number of customers of customer_metrics in the step. */
    customers: string
    /** Sum of their total_spent. */
    revenue: string
  }
  /** What each buying customer is worth. One row per customer in silver with at least one transaction. */
  customer_metrics: {
    /** The customer. */
    customer_id: string
    /** The known ones of first and last name; Unknown if neither is known. */
    full_name: string
    /** Country of residence. */
    country: string
    /** City of residence. */
    city: string
    /** Number of transactions, whether their amount is known or not. */
    total_transactions: string
    /** Sum of total_amount where known; 0.00 if none is known. */
    total_spent: string
    /** Mean of the known total_amount; null if none is known. */
    avg_transaction_amount: string | null
    /** Day (UTC unless timeZone is set) of the first dated transaction; null if none is dated. */
    first_purchase_date: string | null
    /** Day (UTC unless timeZone is set) of the last dated transaction; null if none is dated. */
    last_purchase_date: string | null
  }
  /** Customers by how lately, how often and for how much they bought (RFM). One row per country and scores; 1 to 5 by fifths of all customers in customer_metrics, 5 the best. Equal customers have equal scores, that of the lowest. */
  customer_segments: {
    /** Country of residence; Unknown where it is missing. */
    country: string
    /** Fifth by last_purchase_date, of the customers who have one; 0 where no purchase has a date. */
    recency: string
    /** Fifth by how many orders they placed; a transaction is one, or part of one. */
    frequency: string
    /** Fifth by total_spent. */
    monetary: string
    /** What the scores mean, the first that fits. Unknown: recency 0. Champions: all three at least 4. Loyal: recency and frequency at least 3. Big spenders: recency and monetary at least 4. Recent: recency at least 4. Needs attention: recency 3. At risk: frequency or monetary at least 4. Lost: the others. */
    segment: string
    /** Number of customers. */
    customers: string
    /** Number of their transactions. */
    transactions: string
    /** Sum of their total_spent. */
    revenue: string
    /** Number of their orders. */
    orders: string
    /** Orders of the one who has the fewest; a number of orders has one score of frequency. */
    fewest_orders: string
    /** Orders of the one who has the most. */
    most_orders: string
  }
  /** All sales by the day, for weeks and for spans of days. One row per day with a sale, country and kind of buyer. */
  daily_sales: {
    /** Day of the sales (UTC unless timeZone is set). */
    day: string
    /** Country of the customer; Unknown where it is missing, or nobody knows the customer. */
    country: string
    /** "customer known", "customer not in customers" or "no customer", as in reconciliation. */
    buyer: string
    /** Number of transactions. */
    transactions: string
    /** Number of them whose amount is known; averages divide by it. */
    amounts_known: string
    /** Sum of total_amount where known; 0.00 if none is known. */
    revenue: string
    /** Number of transactions that are Cancelled or Refunded. */
    reversed_transactions: string
    /** Number of these whose amount is known. */
    reversed_amounts_known: string
    /** Sum of total_amount of these; net revenue is revenue less this. */
    reversed_revenue: string
  }
  /** The run that made the gold that is in place, and whose it is. One row. */
  gold_run: {
    /** Its id, as in `lingot report --json` and the collection runs beside silver. */
    run: string
    /** When it started. */
    started: Date
    /** The shop whose gold it is; the comment of every gold table names it too. */
    shop: string | null
    /** The servers and the database of the bronze that it was made of; null where that is not known. */
    bronze: string | null
    /** What of silver names several currencies, which gold adds up as if they were one; null where nothing does. */
    several_currencies: string | null
    /** The last whole day of sales (UTC unless timeZone is set): the last that has any, and was over when the run began. A week, a month or a year that ends later is incomplete; null where no sale has a date. */
    complete_until: string | null
  }
  /** How sales evolve. One row per month (UTC unless timeZone is set) with at least one sale. */
  monthly_revenue: {
    /** First day of the month. */
    month: string
    /** Sum of total_amount where known; 0.00 if none is known. */
    total_revenue: string
    /** Number of transactions. */
    total_transactions: string
    /** Number of different customer_id where known, whether they are in customers or not. */
    unique_customers: string
    /** Mean of the known total_amount; null if none is known. */
    avg_transaction_value: string | null
  }
  /** All sales, cut for the filters of the dashboard. One row per month, product, country and kind of buyer. */
  monthly_sales: {
    /** Month (UTC unless timeZone is set) as 2025-03; Unknown where the sale has no date. */
    month: string
    /** The product; Unknown where it is missing. */
    product: string
    /** Country of the customer; Unknown where it is missing, or nobody knows the customer. */
    country: string
    /** "customer known", "customer not in customers" or "no customer", as in reconciliation. */
    buyer: string
    /** Number of transactions. */
    transactions: string
    /** Number of them whose amount is known; averages divide by it. */
    amounts_known: string
    /** Sum of total_amount where known; 0.00 if none is known. */
    revenue: string
    /** Sum of amount where known, before discount and shipping; 0.00 if none is known. */
    goods: string
    /** Number of transactions that are Cancelled or Refunded. */
    reversed_transactions: string
    /** Number of these whose amount is known. */
    reversed_amounts_known: string
    /** Sum of total_amount of these; net revenue is revenue less this. */
    reversed_revenue: string
    /** Sum of amount of these. */
    reversed_goods: string
    /** Number of orders; a transaction is one, or part of one. Rows add up to more where an order stands in several; of months, countries and kinds of buyer spanning_orders tells how many. */
    orders: string
    /** Number of them with a transaction here whose amount is known; average orders divide by it. */
    orders_with_amount: string
  }
  /** How many customers bought a product when, so that those of any period can be counted once. One row per product, month, the months before and after it in which the same customers bought this product, country and kind of buyer. */
  product_activity: {
    /** The product; Unknown where it is missing. */
    product: string
    /** Month (UTC unless timeZone is set) of purchases as 2025-03; Unknown for sales without a date, which stand before all months. */
    month: string
    /** The month before it in which these customers bought the product; None if there is none. */
    previous_month: string
    /** The month after it in which these customers bought the product in another order; None if there is none. */
    next_month: string
    /** Country of the customers; Unknown where it is missing, or they are not in customers. */
    country: string
    /** "customer known" or "customer not in customers". */
    buyer: string
    /** Number of customers. */
    customers: string
    /** Number of them with a single order of the product in the month; a transaction is one, or part of one. */
    with_one_order: string
  }
  /** How each product sells. One row per product; sales without a product are the row Unknown. */
  product_performance: {
    /** The product. */
    product: string
    /** Number of transactions. */
    total_sales: string
    /** Sum of total_amount where known; 0.00 if none is known. */
    total_revenue: string
    /** Mean of the known amount; null if none is known. */
    avg_price: string | null
    /** Number of different customer_id where known, whether they are in customers or not. */
    unique_customers: string
  }
  /** Where the whole revenue is. One row per part of it as one table sees it; the parts of a table add up to all sales. */
  reconciliation: {
    /** The gold table; "all sales" is the whole, "by status" the whole by the status of the order. */
    gold_table: string
    /** The part of the revenue. */
    part: string
    /** Whether the table holds this part, or leaves it out. */
    in_table: boolean
    /** Number of transactions in the part. */
    transactions: string
    /** Sum of their total_amount where known. */
    revenue: string
    /** Number of them whose amount is unknown. */
    amount_unknown: string
  }
  /** Orders that stand in several rows of country_sales or monthly_sales, so that those of any rows can be counted once. One row per product or all of them, country and kind of buyer or all of them, month, and the months before it in which the same orders stand. Empty where no order is of several months, countries or kinds of buyer. */
  spanning_orders: {
    /** The product, whose rows of monthly_sales are meant; empty for all products, and rows of country_sales. */
    product: string
    /** Country of the customer, as there; empty for all countries and kinds of buyer. */
    country: string
    /** "customer known", "customer not in customers" or "no customer", as there; "anybody" for all of them. */
    buyer: string
    /** Month (UTC unless timeZone is set) in which the orders stand there as 2025-03; Unknown for sales without a date, which stand before all months. */
    month: string
    /** The last month before it in which these orders stand there; None if there is none. */
    previous_month: string
    /** The last month before it in which they have a known amount there; None if there is none. */
    previous_amount_month: string
    /** Number of orders. */
    orders: string
    /** Number of them with a known amount in the month. */
    orders_with_amount: string
    /** In how many rows of the month they stand, added up. */
    places: string
    /** In how many of them with a known amount. */
    places_with_amount: string
  }
}
