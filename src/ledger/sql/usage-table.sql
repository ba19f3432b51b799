-- The usage of one hour of one cluster, from which it is priced: a scratch table. What is picked from it costs nothing to
-- plan, while each column picked from the query that fills it costs milliseconds an hour, however small the hour is.
CREATE TABLE {usage:Identifier}
(
{{columns}}
)
ENGINE = Memory
