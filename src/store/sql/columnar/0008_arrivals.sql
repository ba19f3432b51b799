-- By what an hour is known to have changed: the sum of the stamps of arrival of all rows that may have a part in it. An hour
-- that was computed before this column was there has the sum of none, and is computed once more when it next changes.
ALTER TABLE cluster_hours ADD COLUMN IF NOT EXISTS arrivals UInt64 AFTER seen_at;
