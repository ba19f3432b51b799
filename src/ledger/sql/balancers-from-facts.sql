-- What load balancers came to in one hour, as its source states it of the pods behind them: by the services that it names,
-- which may be several (`a,b`) or none.
SELECT
    namespace, texts['services'] AS service, '' AS ingress,
    toInt64(least(max(if(amounts['run_ms'] > 0, amounts['run_ms'], 3600000)), 3600000)) AS run_ms,
    'stated' AS price_basis,
    CAST(sum(toInt128(amounts['lb_cost_pico'] + amounts['lb_cost_adjustment_pico'])) AS Nullable(Int128)) AS own_pico,
    sum(toInt128(amounts['lb_cost_adjustment_pico'])) AS adjustment_pico,
    {told_by:String} AS source
FROM
(
    SELECT
        namespace,
        JSONExtract(f.amounts, 'Map(String, Int64)') AS amounts,
        JSONExtract(f.texts, 'Map(String, String)') AS texts
    FROM hour_facts AS f FINAL
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {told_by:String}
        AND kind IN ('pod', 'container') AND hour = {hour:DateTime64(3, 'UTC')} AND position(f.amounts, '"lb_cost') > 0
        AND (NOT {restates:Bool} OR stated_at = (
            SELECT max(stated_at)
            FROM hour_facts
            WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {told_by:String}
                AND kind IN ('pod', 'container', 'node') AND hour = {hour:DateTime64(3, 'UTC')}))
)
GROUP BY namespace, service
