-- One hour of every volume of one cluster, priced. One insert of one block, so that a reader sees all of it or none. `parts`
-- is one of volumes-from-*.sql.
--
-- A volume costs what it held at the rate of its storage class, or the book's, or what its source reports; that is cut from one part after another in the
-- order of the pods' names, in the ratio of their byte-seconds, so that the parts add up to it. A part whose own
-- cost is stated costs that, what was corrected of it included. Whose a part is, the containers of the same hour tell, which were written before.
INSERT INTO volume_hours
(
    tenant, cluster, day, namespace, claim, volume, pod, hour, storage_class, provider_id, pods, covered_ms, byte_seconds, cost, cost_adjustment,
    price_basis, price_version, source, withdrawn, version, node, container, controller_kind, controller, labels, annotations
)
WITH
    parts AS
    (
        {{parts}}
    ),
    laid AS
    (
        SELECT
            p.*,
            sum(p.byte_seconds) OVER volume_parts AS whole_bs,
            sum(p.byte_seconds) OVER upto AS upto_bs,
            countIf(p.pod != '') OVER volume_parts AS pods
        FROM parts AS p
        WINDOW
            volume_parts AS (PARTITION BY p.namespace, p.claim, p.volume),
            upto AS (PARTITION BY p.namespace, p.claim, p.volume ORDER BY p.pod ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ),
    priced AS
    (
        SELECT
            *,
            toInt128(arrayPushFront({storage_class_rates:Array(Int64)}, {storage_rate:Int64})[indexOf({storage_classes:Array(String)}, toString(storage_class)) + 1]) AS rate,
            toInt256(ifNull(volume_pico, intDiv(whole_bs * rate, toInt128(3600) * 1073741824))) AS whole_pico,
            ifNull(own_pico, toInt128(
                intDiv(whole_pico * upto_bs, greatest(whole_bs, 1)) - intDiv(whole_pico * (upto_bs - byte_seconds), greatest(whole_bs, 1)))) AS cost_pico
        FROM laid
    ),
    -- of a pod that moved, where it ran longest
    owners AS
    (
        SELECT
            c.namespace, c.pod,
            argMax(c.node, (c.run_ms, c.node)) AS node,
            if(min(c.container) = max(c.container), any(c.container), '') AS container,
            argMax(c.controller_kind, (c.run_ms, c.controller_kind)) AS controller_kind,
            argMax(c.controller, (c.run_ms, c.controller)) AS controller,
            argMax(c.labels, (c.run_ms, c.pod_uid, c.container)) AS labels,
            argMax(c.annotations, (c.run_ms, c.pod_uid, c.container)) AS annotations
        FROM container_hours AS c
        WHERE c.tenant = {tenant:UUID} AND c.cluster = {cluster:UUID} AND c.day = toDate({hour:DateTime64(3, 'UTC')})
            AND c.hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AND c.version = {version:UInt64} AND c.pod != ''
        GROUP BY c.namespace, c.pod
    )
SELECT
    {tenant:UUID} AS tenant,
    {cluster:UUID} AS cluster,
    toDate({hour:DateTime64(3, 'UTC')}) AS day,
    v.namespace, v.claim, v.volume, v.pod,
    toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC') AS hour,
    v.storage_class, v.provider_id,
    toUInt32(v.pods) AS pods,
    toUInt32(v.covered_ms) AS covered_ms,
    toInt64(v.byte_seconds) AS byte_seconds,
    CAST(toDecimal128(v.cost_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS cost,
    CAST(toDecimal128(v.adjustment_pico, 0) * toDecimal128('0.000000000001', 12) AS Decimal(18, 12)) AS cost_adjustment,
    v.price_basis,
    if(v.price_basis = 'stated', 'stated', {price_version:String}) AS price_version,
    v.source,
    false AS withdrawn,
    {version:UInt64} AS version,
    o.node, o.container, o.controller_kind, o.controller, o.labels, o.annotations
FROM priced AS v
LEFT JOIN owners AS o ON v.namespace = o.namespace AND v.pod = o.pod
UNION ALL
-- every row that an earlier version of this hour held, withdrawn at a lesser version: where it is still there, the row above wins
SELECT
    tenant, cluster, day, namespace, claim, volume, pod, hour, '', '', 0, 0, 0, 0, 0, 'book', {price_version:String}, '', true, {version:UInt64} - 1,
    '', '', '', '', map(), map()
FROM volume_hours
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    AND hour = toDateTime({hour:DateTime64(3, 'UTC')}, 'UTC')
GROUP BY tenant, cluster, day, namespace, claim, volume, pod, hour
