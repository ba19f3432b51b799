-- What the rules of a price version say of each node (core/price-rules.ts): the place of the first rule that sets a price and fits,
-- of the first that sets a rate for GPUs, and of the first discount; 0 where there is none.
--
-- Rules are not compared one by one. Those that ask about the same things are one kind (`rule_fields`); of each kind a node has
-- one key, the texts that a rule would have to name, and keys are looked up. So the cost is of nodes and kinds, not of rules.
SELECT
    *,
    arrayMin(arrayFilter(x -> x > 0, arrayMap(k -> transform(k, {rule_keys:Array(String)}, {price_places:Array(UInt32)}, toUInt32(0)), node_keys))) AS price_at,
    arrayMin(arrayFilter(x -> x > 0, arrayMap(k -> transform(k, {rule_keys:Array(String)}, {gpu_places:Array(UInt32)}, toUInt32(0)), node_keys))) AS gpu_at,
    arrayMin(arrayFilter(x -> x > 0, arrayMap(k -> transform(k, {rule_keys:Array(String)}, {discount_places:Array(UInt32)}, toUInt32(0)), node_keys))) AS discount_at
FROM
(
    SELECT
        *,
        arrayMap(
            facts -> arrayMap(
                (kind, fields) -> concat(toString(kind), '\x1f', arrayStringConcat(arrayMap(f -> facts[f], fields), '\x1f')),
                arrayEnumerate({rule_fields:Array(Array(String))}), {rule_fields:Array(Array(String))}),
            arrayMap(
                of_labels -> mapUpdate(of_labels, map(
                    'node', lower(toString(node)),
                    'provider_id', replaceRegexpOne(lower(provider_id), '^(aws:///[^/]*/|azure://)', ''),
                    'instance_type', lower(toString(instance_type)),
                    'region', lower(toString(region)),
                    'pool', arrayFirst(x -> x != '', arrayMap(label -> of_labels[concat('label:', label)], {pool_labels:Array(String)})),
                    'spot', if(spot, 'true', 'false'))),
                [mapApply(
                    (k, v) -> (concat('label:', replaceRegexpAll(replaceRegexpOne(k, '^label_', ''), '[^a-zA-Z0-9_]', '_')), lower(v)),
                    CAST(labels, 'Map(String, String)'))]))[1] AS node_keys
    FROM
    (
        {{offered}}
    )
)
