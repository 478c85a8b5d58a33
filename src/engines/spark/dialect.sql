-- What the models use beyond plain SQL, for Spark: exact division, rounded half away from zero. The same functions as
-- in gold/dialect.sql, which is for DuckDB. Spark's own / rounds decimals, so what does not divide is taken off before.

CREATE OR REPLACE TEMPORARY FUNCTION rounded_quotient(numerator DECIMAL(38, 0), denominator DECIMAL(38, 0))
RETURNS DECIMAL(38, 0)
RETURN (CASE WHEN numerator < 0 THEN -1 ELSE 1 END) * CAST(
    (2 * abs(numerator) + denominator - mod(2 * abs(numerator) + denominator, 2 * denominator)) / (2 * denominator)
    AS DECIMAL(38, 0)
);

CREATE OR REPLACE TEMPORARY FUNCTION average_money(total DECIMAL(38, 2), items BIGINT)
RETURNS DECIMAL(38, 2)
RETURN CAST(0.01 * rounded_quotient(CAST(100 * total AS DECIMAL(38, 0)), nullif(items, 0)) AS DECIMAL(38, 2));

CREATE OR REPLACE TEMPORARY FUNCTION ratio(numerator DECIMAL(38, 6), denominator DECIMAL(38, 6))
RETURNS DECIMAL(38, 6)
RETURN CAST(
    0.000001 * rounded_quotient(
        CAST(1000000000000 * numerator AS DECIMAL(38, 0)), nullif(CAST(1000000 * denominator AS DECIMAL(38, 0)), 0)
    )
    AS DECIMAL(38, 6)
);
