-- The GPUs that operators' reports tell of in one hour, a row for each GPU or slice and the pod that held it: for as long as it
-- did, all of it or its part of the GPU. Reports do not say how busy it was in a unit that can be told, so a GPU is taken for held.
SELECT
    node, namespace, pod,
    texts['gpu_uuid'] AS gpu,
    toUInt8OrZero(extract(texts['mig_profile'], '^([1-7])g')) AS slices,
    if(amounts['gpu_slices_max_micro'] > 0, amounts['gpu_slices_max_micro'], 7000000) AS slices_max_micro,
    least(greatest(amounts['run_ms'], 0), 3600000) AS run_ms,
    toInt64(if(slices > 0, intDiv(run_ms * slices * 1000000, slices_max_micro), run_ms)) AS held_ms
FROM
(
    SELECT
        node, namespace, pod,
        JSONExtract(g.amounts, 'Map(String, Int64)') AS amounts,
        JSONExtract(g.texts, 'Map(String, String)') AS texts
    FROM hour_facts AS g FINAL
    WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND source = {source:String}
        AND kind = 'gpu' AND hour = {hour:DateTime64(3, 'UTC')}
)
