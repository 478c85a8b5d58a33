"""The fastest that a Python user could fairly write: Arrow tables from MongoDB, DuckDB for all the work, COPY to PostgreSQL.

    arrow_pipeline.py MONGODB_URI POSTGRES_URL BRONZE_DB SILVER_DB SCHEMA

Gold is made from the tables in memory rather than read back. It does less than Lingot: absent values only, types that
are taken for granted, no duplicates, no quarantine, no report, no checks, and silver half written while it runs.
"""

import sys

import duckdb
import psycopg
import pyarrow as pa
import pymongoarrow.api as arrow
from pymongo import MongoClient
from pymongoarrow.types import ObjectIdType

mongodb_uri, postgres_url, bronze_name, silver_name, schema = sys.argv[1:]
client = MongoClient(mongodb_uri)
bronze, silver = client[bronze_name], client[silver_name]
text, number, whole, instant, flag = pa.string(), pa.float64(), pa.int64(), pa.timestamp("ms"), pa.bool_()

fields = {
    "customers": {
        "customer_id": text, "first_name": text, "last_name": text, "email": text, "phone": text, "age": whole,
        "country": text, "city": text, "postal_code": text, "gender": text, "marketing_consent": flag,
        "created_at": instant,
    },
    "transactions": {
        "transaction_id": text, "customer_id": text, "product": text, "amount": number, "quantity": whole,
        "payment_method": text, "discount_applied": number, "shipping_cost": number, "status": text,
        "timestamp": instant,
    },
    "campaigns": {
        "campaign_id": text, "campaign_name": text, "campaign_type": text, "budget": number, "spend": number,
        "impressions": whole, "clicks": whole, "conversions": whole, "start_date": instant, "status": text,
        "target_audience": text,
    },
}  # fmt: skip

clean = {
    "customers": """
        select customer_id, coalesce(first_name, 'Unknown') as first_name, coalesce(last_name, 'Unknown') as last_name,
            coalesce(nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''), 'Unknown') as full_name,
            md5(lower(email)) as email, md5(phone) as phone, age, coalesce(country, 'Unknown') as country,
            coalesce(city, 'Unknown') as city, coalesce(postal_code, 'Unknown') as postal_code,
            coalesce(gender, 'Unknown') as gender, coalesce(marketing_consent, false) as marketing_consent, created_at
        from raw_customers where customer_id is not null""",
    "transactions": """
        select transaction_id, customer_id, coalesce(product, 'Unknown') as product, amount,
            coalesce(quantity, 1) as quantity, coalesce(payment_method, 'Unknown') as payment_method,
            coalesce(discount_applied, 0) as discount_applied, coalesce(shipping_cost, 0) as shipping_cost,
            coalesce(status, 'Unknown') as status, timestamp,
            amount - coalesce(discount_applied, 0) + coalesce(shipping_cost, 0) as total_amount
        from raw_transactions""",
    "campaigns": """
        select *, clicks / nullif(impressions, 0) * 100 as ctr, conversions / nullif(clicks, 0) * 100 as conversion_rate,
            spend / nullif(clicks, 0) as cpc, spend / nullif(conversions, 0) as cpa,
            (budget - spend) / nullif(budget, 0) * 100 as roi
        from raw_campaigns where campaign_id is not null""",
}

gold = {
    "customer_metrics": """
        select customer_id, any_value(full_name) as full_name, any_value(c.country) as country, any_value(city) as city,
            count(*) as total_transactions, coalesce(sum(total_amount), 0) as total_spent,
            avg(total_amount) as avg_transaction_amount, min(timestamp)::date as first_purchase_date,
            max(timestamp)::date as last_purchase_date
        from transactions join customers c using (customer_id) group by customer_id""",
    "product_performance": """
        select product, count(*) as total_sales, coalesce(sum(total_amount), 0) as total_revenue, avg(amount) as avg_price,
            count(distinct customer_id) as unique_customers
        from transactions group by product""",
    "campaign_performance": """
        select campaign_id, any_value(campaign_name) as campaign_name, any_value(campaign_type) as campaign_type,
            sum(impressions)::bigint as total_impressions, sum(clicks)::bigint as total_clicks,
            sum(conversions)::bigint as total_conversions, avg(ctr) as avg_ctr, avg(conversion_rate) as avg_conversion_rate,
            avg(cpc) as avg_cpc, avg(cpa) as avg_cpa, avg(roi) as roi, any_value(status) as status
        from campaigns group by campaign_id""",
    "monthly_revenue": """
        select date_trunc('month', timestamp)::date as month, coalesce(sum(total_amount), 0) as total_revenue,
            count(*) as total_transactions, count(distinct customer_id) as unique_customers,
            avg(total_amount) as avg_transaction_value
        from transactions where timestamp is not null group by 1""",
    "country_statistics": """
        select country, count(*) as total_customers, coalesce(sum(spent), 0) as total_revenue,
            coalesce(sum(spent), 0) / count(*) as avg_customer_value,
            avg(marketing_consent::int) * 100 as marketing_consent_rate
        from customers left join
            (select customer_id, sum(total_amount) as spent from transactions group by customer_id) using (customer_id)
        group by country""",
}  # fmt: skip

db = duckdb.connect()
db.execute("set timezone = 'UTC'")
for name, schema_of in fields.items():
    raw = arrow.find_arrow_all(bronze[name], {}, schema=arrow.Schema(schema_of))
    db.register(f"raw_{name}", raw)
    db.execute(f"create table {name} as {clean[name]}")
    db.unregister(f"raw_{name}")
    silver[name].drop()
    arrow.write(silver[name], db.sql(f"from {name}").to_arrow_table())
    del raw
db.execute("""
    create or replace table customers as
    select * from customers qualify row_number() over (partition by customer_id order by rowid desc) = 1
""")

types = {"VARCHAR": "text", "BIGINT": "bigint", "DOUBLE": "double precision", "DATE": "date"}
with psycopg.connect(postgres_url) as postgres:
    postgres.execute(f"create schema if not exists {schema}")
    for name, query in gold.items():
        table = db.sql(query)
        columns = ", ".join(f"{column} {types[str(kind)]}" for column, kind in zip(table.columns, table.types))
        postgres.execute(f"drop table if exists {schema}.{name}")
        postgres.execute(f"create table {schema}.{name} ({columns})")
        with postgres.cursor().copy(f"copy {schema}.{name} from stdin") as copy:
            for row in table.fetchall():
                copy.write_row(row)
