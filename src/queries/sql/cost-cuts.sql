-- What each cluster cost by `cut` (a namespace, or a step of the calendar): its containers and what stood idle, then what is paid
-- for beside nodes. A cluster and cut may come twice, once of each: readers add them up. `costs` are in the order of RESOURCES
-- (core/allocation/costs.ts). Rows of no namespace are called as in /v1/allocations.
SELECT
    cluster, {{cut}} AS cut,
    toFloat64(sum(l.cpu_usage_core_seconds)) AS cpu_usage,
    toFloat64(sum(l.cpu_request_core_seconds)) AS cpu_request,
    toFloat64(sum(l.ram_usage_byte_seconds)) AS ram_usage,
    toFloat64(sum(l.ram_request_byte_seconds)) AS ram_request,
    [
        {{sum l.cpu_cost}}, {{sum l.ram_cost}}, {{sum l.gpu_cost}}, toDecimal128(0, 12),
        {{sum l.network_cross_zone_cost}} + {{sum l.network_cross_region_cost}} + {{sum l.network_internet_cost}},
        toDecimal128(0, 12), {{sum l.external_cost}}, toDecimal128(0, 12)
    ] AS costs,
    uniqExactMerge(l.pods) AS pods
FROM ({{leaves}}) AS l
GROUP BY cluster, cut
UNION ALL
SELECT
    cluster, {{cut}} AS cut, 0, 0, 0, 0,
    [
        toDecimal128(0, 12), toDecimal128(0, 12), toDecimal128(0, 12), {{sum if(l.what = 'volume', l.cost, 0)}},
        toDecimal128(0, 12),
        {{sum if(l.what = 'balancer', l.cost, 0)}}, toDecimal128(0, 12), {{sum if(l.what = 'management', l.cost, 0)}}
    ],
    0
FROM
(
    SELECT cluster, at, what, if(what = 'management', '__management__', toString(a.namespace)) AS namespace, a.cost AS cost
    FROM ({{attached}}) AS a
) AS l
WHERE {namespace:String} = '' OR namespace = {namespace:String}
GROUP BY cluster, cut
