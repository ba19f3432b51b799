-- What points and hour facts of the hour's day may tell of namespaces and services: most clusters' tell nothing of one of them.
SELECT DISTINCT if(metric = 'service_selector_labels', 'services', 'namespaces') AS what
FROM series
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day = toDate({hour:DateTime64(3, 'UTC')})
    AND metric IN ('kube_namespace_labels', 'kube_namespace_annotations', 'service_selector_labels')
UNION DISTINCT
SELECT DISTINCT 'namespaces' AS what
FROM hour_facts
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND kind = 'namespace' AND hour = {hour:DateTime64(3, 'UTC')}
