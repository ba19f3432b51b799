-- Load balancers as Prometheus saw them: OpenCost's prices, one series for each address; and of services that OpenCost says
-- nothing about, that kube-state-metrics shows an address of them.
WITH told AS
(
    SELECT
        h.metric AS metric, h.namespace AS namespace,
        if(h.metric = 'kubecost_load_balancer_cost', JSONExtractString(h.labels, 'service_name'), JSONExtractString(h.labels, 'service')) AS service,
        coalesce(
            nullIf(JSONExtractString(h.labels, 'ingress_ip'), ''), nullIf(JSONExtractString(h.labels, 'hostname'), ''),
            JSONExtractString(h.labels, 'ip')) AS ingress,
        h.points AS points
    FROM {scratch:Identifier} AS h
    WHERE h.metric IN ('kubecost_load_balancer_cost', 'kube_service_status_load_balancer_ingress')
)
SELECT
    fromUnixTimestamp64Milli(point.1, 'UTC') AS at,
    namespace, service, ingress,
    if(metric = 'kubecost_load_balancer_cost', ingress, '') AS balancer,
    CAST(if(metric = 'kubecost_load_balancer_cost', toInt64(round(point.2 * 1e12)), NULL) AS Nullable(Int64)) AS price_pico
FROM told
ARRAY JOIN points AS point
WHERE metric = 'kubecost_load_balancer_cost'
    OR (namespace, service) NOT IN (SELECT namespace, service FROM told WHERE metric = 'kubecost_load_balancer_cost')
