-- Whether any container of the window has one of these annotations, which days do not hold.
SELECT 1 AS found
FROM container_hours
WHERE tenant = {tenant:UUID} AND cluster IN {clusters:Array(UUID)}
    AND day >= toDate({start:DateTime64(3, 'UTC')}) AND day <= toDate({end:DateTime64(3, 'UTC')})
    AND arrayExists(k -> k IN {annotation_names:Array(String)}, mapKeys(annotations))
LIMIT 1
