-- What every volume of one cluster held in one hour, from the ledger itself: for pricing again what has no samples any more.
-- What its source told of its price stays.
SELECT
    namespace, claim, volume, storage_class, provider_id,
    toInt64(covered_ms) AS covered_ms,
    pod,
    toInt128(byte_seconds) AS byte_seconds,
    price_basis,
    CAST(NULL AS Nullable(Int128)) AS volume_pico,
    if(price_basis = 'book', NULL, toInt128(toDecimal128(cost, 12) * 1000000000000)) AS own_pico,
    toInt128(toDecimal128(cost_adjustment, 12) * 1000000000000) AS adjustment_pico,
    source
FROM volume_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AND NOT withdrawn
