-- What every volume of one cluster held in one hour, as its source states it of the whole hour. Who states byte-seconds
-- (operators' reports) names the claim and, on a row of each, its pods: the claim counts once, in equal shares. Who states
-- costs (Kubecost) does so of each pod's own share of a volume. Of two statements the later one counts, as for pods
-- (usage-from-facts.sql).
WITH stated AS
(
    SELECT
        namespace, name, pod, texts,
        mapContains(amounts, 'capacity_bs') OR mapContains(amounts, 'request_bs') AS by_claim,
        toInt128(multiIf(
            amounts['capacity_bs'] > 0, amounts['capacity_bs'],
            amounts['request_bs'] > 0, amounts['request_bs'],
            by_claim, toInt64(0),
            greatest(amounts['capacity_bytes'], 0) * 3600)) AS held_bs,
        mapContains(amounts, 'pv_cost_pico') AS priced,
        toInt128(amounts['pv_cost_adjustment_pico']) AS adjusted_pico,
        toInt128(amounts['pv_cost_pico']) + adjusted_pico AS cost_pico
    FROM
    (
        SELECT
            namespace, name, if(f.pod = '__unmounted__', '', f.pod) AS pod,
            JSONExtract(f.amounts, 'Map(String, Int64)') AS amounts,
            JSONExtract(f.texts, 'Map(String, String)') AS texts
        FROM hour_facts AS f FINAL
        WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {told_by:String}
            AND kind = 'storage' AND hour = {hour:DateTime64(3, 'UTC')}
            AND (NOT {restates:Bool} OR stated_at = (
                SELECT max(stated_at)
                FROM hour_facts
                WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {told_by:String}
                    AND kind IN ('pod', 'container', 'node') AND hour = {hour:DateTime64(3, 'UTC')}))
    )
)
SELECT
    namespace, claim, volume, storage_class, provider_id, toInt64(3600000) AS covered_ms,
    pod,
    intDiv(whole_bs * place, length(pods)) - intDiv(whole_bs * (place - 1), length(pods)) AS byte_seconds,
    'book' AS price_basis,
    CAST(NULL AS Nullable(Int128)) AS volume_pico,
    CAST(NULL AS Nullable(Int128)) AS own_pico,
    toInt128(0) AS adjustment_pico,
    {told_by:String} AS source
FROM
(
    SELECT
        namespace, name AS claim,
        max(texts['persistent_volume']) AS volume,
        max(texts['storage_class']) AS storage_class,
        max(texts['csi_volume_handle']) AS provider_id,
        max(held_bs) AS whole_bs,
        if(empty(groupUniqArrayIf(stated.pod, stated.pod != '') AS mounters), [''], arraySort(mounters)) AS pods
    FROM stated
    WHERE by_claim
    GROUP BY namespace, claim
    HAVING whole_bs > 0
)
ARRAY JOIN pods AS pod, arrayEnumerate(pods) AS place
UNION ALL
SELECT
    namespace, '' AS claim, name AS volume, '' AS storage_class, max(texts['provider_id']) AS provider_id, toInt64(3600000) AS covered_ms,
    stated.pod AS pod,
    sum(held_bs) AS byte_seconds,
    if(max(priced), 'stated', 'book') AS price_basis,
    CAST(NULL AS Nullable(Int128)) AS volume_pico,
    if(max(priced), sum(cost_pico), NULL) AS own_pico,
    if(max(priced), sum(adjusted_pico), 0) AS adjustment_pico,
    {told_by:String} AS source
FROM stated
WHERE NOT by_claim
GROUP BY namespace, volume, pod
