-- What the models use beyond plain SQL, for DuckDB: exact division, rounded half away from zero.
-- DuckDB's own / divides decimals as floating point.

create macro rounded_quotient(numerator, denominator) as
    (case when numerator < 0 then -1 else 1 end)
    * ((2 * abs(numerator) + denominator) // (2 * denominator));

-- A sum of money by a count, to the cent: DECIMAL(38, 2), or null for a count of 0.
create macro average_money(total, items) as cast(
    0.01 * cast(rounded_quotient(cast(100 * total as hugeint), nullif(cast(items as hugeint), 0)) as decimal(36, 0))
    as decimal(38, 2)
);

-- A quotient with six decimals: DECIMAL(38, 6), or null for a denominator of 0. Both sides may have up to six decimals.
create macro ratio(numerator, denominator) as cast(
    0.000001 * cast(
        rounded_quotient(
            1000000 * cast(1000000 * numerator as hugeint), nullif(cast(1000000 * denominator as hugeint), 0)
        )
        as decimal(32, 0)
    )
    as decimal(38, 6)
);

-- Whether a sale names a customer, and whether that customer is in customers, as reconciliation calls it.
create macro kind_of_buyer(has_customer, is_known) as case
    when is_known then 'customer known'
    when has_customer then 'customer not in customers'
    else 'no customer'
end;

-- Whether a sale was taken back: what net revenue leaves out.
create macro is_reversed(status) as coalesce(status in ('Cancelled', 'Refunded'), false);

-- A number with decimals, without zeros behind them.
create macro plain(x) as rtrim(rtrim(cast(x as varchar), '0'), '.');

-- A value as PostgreSQL's COPY reads it.
create macro copy_field(x) as coalesce(
    replace(replace(replace(replace(cast(x as varchar), '\', '\\'), chr(9), '\t'), chr(10), '\n'), chr(13), '\r'),
    '\N'
);

-- The month of a number that counts months through, as 2025-03; Unknown for 0, null for null.
create macro month_name(number) as case
    when number = 0 then 'Unknown'
    else cast((number - 1) // 12 as varchar) || '-' || lpad(cast((number - 1) % 12 + 1 as varchar), 2, '0')
end;
