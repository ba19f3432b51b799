-- Nodes as a price version without rules has them (see rules-of-nodes.sql).
SELECT *, toUInt32(0) AS price_at, toUInt32(0) AS gpu_at, toUInt32(0) AS discount_at
FROM
(
    {{offered}}
)
