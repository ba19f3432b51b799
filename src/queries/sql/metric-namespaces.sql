-- What the namespaces of one cluster said of themselves last on the day of an hour.
SELECT told_namespace AS namespace, namespace_labels AS labels, namespace_annotations AS annotations
FROM ({{namespaces}})
ORDER BY namespace
LIMIT {things_max:UInt32}
