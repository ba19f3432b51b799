-- How many cuts allocations.sql makes of each set. Their hashes are counted: that takes half the time of making them.
SELECT set_s, toUInt32(uniqExact(cityHash64(cluster, place, kind, part, {{key_names}}))) AS cuts
FROM
(
{{cut_rows}}
) AS c
GROUP BY set_s
LIMIT {rows_max:UInt32}
