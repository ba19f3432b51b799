-- Hours were looked at once more, and nothing had come to light since they were computed: they are done until more is told. The same
-- version, so that nothing that was derived from them is derived again; of two rows of one version the later one counts.
INSERT INTO cluster_hours
SELECT * REPLACE ({computed_at:DateTime64(3, 'UTC')} AS computed_at)
FROM cluster_hours FINAL
WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND day IN {days:Array(Date)}
    AND hour IN {hours:Array(DateTime('UTC'))}
