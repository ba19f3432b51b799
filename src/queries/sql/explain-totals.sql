-- The sum of the ledger rows that a filter lets through.
SELECT
    count() AS row_count,
    toString(sum(l.cpu_cost)) AS cpu,
    toString(sum(l.ram_cost)) AS ram,
    toString(sum(l.gpu_cost)) AS gpu,
    toString(sum(l.network_cross_zone_cost) + sum(l.network_cross_region_cost) + sum(l.network_internet_cost)) AS network,
    toString(sum(l.external_cost)) AS external
FROM ({{leaves}}) AS l
{{joins}}
WHERE {{asked}}
