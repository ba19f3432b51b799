-- Whether the source of the hour's series told of volumes and of load balancers in this hour.
SELECT DISTINCT if(metric IN ('kubecost_load_balancer_cost', 'kube_service_status_load_balancer_ingress'), 'balancers', 'volumes') AS what
FROM {scratch:Identifier}
WHERE metric IN (
        'kubecost_load_balancer_cost', 'kube_service_status_load_balancer_ingress',
        'kube_persistentvolumeclaim_info', 'kube_persistentvolume_capacity_bytes')
    AND points[-1].1 >= toUnixTimestamp64Milli({hour:DateTime64(3, 'UTC')})
