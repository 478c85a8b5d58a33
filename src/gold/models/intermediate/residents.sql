-- One row per country of the customers in silver: how many they are, buyers or not, and how many of them consent.

select
    country,
    count(*) as customers,
    count(*) filter (where marketing_consent) as consenting
from customers
group by country
