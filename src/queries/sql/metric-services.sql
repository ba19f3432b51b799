-- The services of one cluster that choose pods, with the labels that these have.
SELECT selecting_namespace AS namespace, chosen.1 AS service, CAST(chosen.2, 'Map(String, String)') AS selector
FROM ({{services}})
ARRAY JOIN selectors AS chosen
ORDER BY namespace, service
LIMIT {things_max:UInt32}
