-- Assets of each set by keys, each cost exact, and each amount too: so they are the same from days and from hours. `things` are
-- asset-*.sql, one row a set and thing; `texts` are what a thing is known by, in the order of ASSET_PROPERTIES
-- (core/assets/asset-properties.ts). Who provides a thing its own provider ID says, or that of its cluster.
--
-- amounts: cpu, ram, gpu offered; cpu system, cpu user, ram system, ram user used; covered ms, spot ms; undiscounted; byte-seconds,
-- mounted. costs: cpu, ram, gpu, other; adjustment.
SELECT
    a.set_s AS set_s,
    {{keys}} AS keys,
    toUInt32(count()) AS assets,
    arrayMap((least_text, greatest_text) -> if(least_text = greatest_text, least_text, ''), minForEach(a.texts), maxForEach(a.texts)) AS common,
    if(count() = 1, any(a.bare_labels), CAST(map(), 'Map(String, String)')) AS labels,
    min(a.first_s) AS first_s,
    max(a.last_s) AS last_s,
    tupleElement(min((a.first_s, a.first_gap_ms)), 2) AS first_gap_ms,
    tupleElement(max((a.last_s, a.last_run_ms)), 2) AS last_run_ms,
    arrayMap(amount -> toFloat64(amount), sumForEach(a.amounts)) AS amounts,
    arrayMap(cost -> toString(cost), sumForEach(a.costs)) AS costs
FROM
(
    SELECT
        set_s, {{bare_labels}} AS bare_labels, first_s, last_s, first_gap_ms, last_run_ms, amounts, costs,
        if(provider_id LIKE '%://%', provider_id, transform(toString(cluster), {cluster_ids:Array(String)}, {cluster_provider_ids:Array(String)}, '')) AS located,
        extract(located, '^([a-z0-9]+)://') AS scheme,
        splitByChar('/', located) AS path,
        [
            asset_type,
            transform(asset_type, {types:Array(String)}, {categories:Array(String)}, ''),
            transform(scheme, {provider_schemes:Array(String)}, {provider_names:Array(String)}, scheme),
            if(scheme = 'azure' AND path[4] = 'subscriptions', path[5], ''),
            if(scheme = 'gce', path[3], ''),
            transform(toString(cluster), {cluster_ids:Array(String)}, {cluster_names:Array(String)}, toString(cluster)),
            if(asset_type = 'Cloud', '', 'Kubernetes'),
            provider_id, name, namespace, zone, region, instance_type,
            arrayFirst(pool -> pool != '', arrayMap(label -> bare_labels[label], {pool_labels:Array(String)})),
            storage_class, claim, ip
        ] AS texts
    FROM
    (
        {{things}}
    )
) AS a
WHERE {{filter}}
GROUP BY set_s, keys
LIMIT {rows_max:UInt32}
