-- Rows of the ledger, each with the set, the place, the part and the keys that allocations.sql cuts it by.
SELECT
    *,
    toUInt32(roundDown(toUnixTimestamp(at), {set_starts:Array(UInt32)})) AS set_s,
    lower(controller_kind) AS kind_of_controller,
    CAST(
        multiIf(namespace = '__idle__', 1, namespace = '__overcommit__', 2, 0),
        'Enum8(\'allocation\' = 0, \'idle\' = 1, \'overcommit\' = 2)') AS kind,
    {{place}} AS place,
    CAST(
        multiIf(kind = 'allocation' AND {{shared}}, 1, {{asked}}, 0, 2),
        'Enum8(\'asked\' = 0, \'shared\' = 1, \'other\' = 2)') AS part,
    {{key_values}}
FROM ({{leaves}}) AS l
{{joins}}
