"""The pipeline as most analysts write it: whole collections as pandas frames, silver by insert_many, gold by to_sql.

    pandas_pipeline.py MONGODB_URI POSTGRES_URL BRONZE_DB SILVER_DB SCHEMA [LINGOT_CONFIG_JSON]

It does less than Lingot: absent values only, no wrong types, no duplicates, no quarantine, no report, no checks, binary
floating point, and outputs that are half written while it runs.
"""

import hashlib
import json
import sys
from pathlib import Path

import pandas as pd
from pymongo import MongoClient
from sqlalchemy import create_engine, text

mongodb_uri, postgres_url, bronze_name, silver_name, schema, *config = sys.argv[1:]
client = MongoClient(mongodb_uri)
bronze, silver = client[bronze_name], client[silver_name]
engine = create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://", 1))


# What another shop calls its collections and columns.
collections = json.loads(Path(config[0]).read_text())["collections"] if config else {}
LABELS = {
    "customers": "customer_id first_name last_name email phone country city postal_code gender marketing_consent",
    "transactions": "transaction_id customer_id product payment_method status",
    "campaigns": "campaign_id campaign_name campaign_type status target_audience",
}
NUMBERS = {
    "customers": "age created_at",
    "transactions": "amount quantity discount_applied shipping_cost timestamp",
    "campaigns": "budget spend impressions clicks conversions start_date end_date",
}


def read(name):
    shop = collections.get(name)
    if shop is None:
        return pd.DataFrame(list(bronze[name].find({}, {"_id": 0})))
    frame = pd.DataFrame(list(bronze[shop.get("from", name)].find({}, {"_id": 0})))
    frame = frame.rename(columns={source: field for field, source in shop["fields"].items() if source})
    for column in LABELS[name].split():
        if column not in frame:
            frame[column] = pd.Series(None, index=frame.index, dtype=object)
    for column in NUMBERS[name].split():
        if column not in frame:
            frame[column] = float("nan")
    order = ["order_id"] if "order_id" in frame else []
    return frame[LABELS[name].split() + NUMBERS[name].split() + order]


def frames(database):
    names = ("customers", "transactions", "campaigns")
    if database is bronze:
        return [read(name) for name in names]
    return [pd.DataFrame(list(database[name].find({}, {"_id": 0}))) for name in names]


def md5(value):
    return hashlib.md5(value.encode()).hexdigest() if isinstance(value, str) else None


def ratio(numerator, denominator, times=1):
    return numerator / denominator.where(denominator != 0) * times


# Silver
customers, transactions, campaigns = frames(bronze)
customers["full_name"] = (customers["first_name"].fillna("") + " " + customers["last_name"].fillna("")).str.strip()
customers["email"] = customers["email"].map(md5)
customers["phone"] = customers["phone"].map(md5)
labels = ["first_name", "last_name", "country", "city", "postal_code", "gender"]
customers = customers.fillna({**dict.fromkeys(labels, "Unknown"), "marketing_consent": False})
transactions = transactions.fillna(
    {
        **dict.fromkeys(["product", "payment_method", "status"], "Unknown"),
        "quantity": 1,
        "discount_applied": 0,
        "shipping_cost": 0,
    }
)
transactions["total_amount"] = transactions["amount"] - transactions["discount_applied"] + transactions["shipping_cost"]
campaigns["ctr"] = ratio(campaigns["clicks"], campaigns["impressions"], 100)
campaigns["conversion_rate"] = ratio(campaigns["conversions"], campaigns["clicks"], 100)
campaigns["cpc"] = ratio(campaigns["spend"], campaigns["clicks"])
campaigns["cpa"] = ratio(campaigns["spend"], campaigns["conversions"])
campaigns["roi"] = ratio(campaigns["budget"] - campaigns["spend"], campaigns["budget"], 100)
for name, frame in (("customers", customers), ("transactions", transactions), ("campaigns", campaigns)):
    silver[name].drop()
    silver[name].insert_many(frame.to_dict("records"))

# Gold
customers, transactions, campaigns = frames(silver)
customers = customers.drop_duplicates("customer_id", keep="last")
by_customer = transactions.groupby("customer_id").agg(
    total_transactions=("customer_id", "size"),
    total_spent=("total_amount", "sum"),
    avg_transaction_amount=("total_amount", "mean"),
    first_purchase_date=("timestamp", "min"),
    last_purchase_date=("timestamp", "max"),
)
people = customers[["customer_id", "full_name", "country", "city"]]
transactions["month"] = transactions["timestamp"].dt.to_period("M").dt.to_timestamp()
known = transactions.merge(people, on="customer_id")
gold = {
    "customer_metrics": by_customer.reset_index().merge(people, on="customer_id"),
    "product_performance": transactions.groupby("product").agg(
        total_sales=("product", "size"),
        total_revenue=("total_amount", "sum"),
        avg_price=("amount", "mean"),
        unique_customers=("customer_id", "nunique"),
    ),
    "campaign_performance": campaigns.groupby("campaign_id").agg(
        campaign_name=("campaign_name", "last"),
        campaign_type=("campaign_type", "last"),
        total_impressions=("impressions", "sum"),
        total_clicks=("clicks", "sum"),
        total_conversions=("conversions", "sum"),
        avg_ctr=("ctr", "mean"),
        avg_conversion_rate=("conversion_rate", "mean"),
        avg_cpc=("cpc", "mean"),
        avg_cpa=("cpa", "mean"),
        roi=("roi", "mean"),
        status=("status", "last"),
    ),
    "monthly_revenue": transactions.groupby("month").agg(
        total_revenue=("total_amount", "sum"),
        total_transactions=("month", "size"),
        unique_customers=("customer_id", "nunique"),
        avg_transaction_value=("total_amount", "mean"),
    ),
    "country_statistics": customers.groupby("country")
    .agg(total_customers=("customer_id", "size"), marketing_consent_rate=("marketing_consent", "mean"))
    .join(known.groupby("country")["total_amount"].sum().rename("total_revenue")),
}
with engine.begin() as connection:
    connection.execute(text(f"create schema if not exists {schema}"))
for name, frame in gold.items():
    frame.to_sql(name, engine, if_exists="replace", schema=schema)
