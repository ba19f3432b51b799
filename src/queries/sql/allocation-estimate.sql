-- How many rows of the ledger the engine would look at, by its index alone: it reads none of them.
EXPLAIN ESTIMATE
SELECT hour
FROM container_hours
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
