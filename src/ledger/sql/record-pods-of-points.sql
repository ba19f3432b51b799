SELECT namespace, pod, false AS whole, countIf(metric = 'kube_pod_info' AND uid != '') = 0 AS nameless
FROM {scratch:Identifier}
GROUP BY namespace, pod
