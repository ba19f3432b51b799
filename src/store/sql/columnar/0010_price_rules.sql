-- A price version may set a price that comes before what the source reports (`price_basis` is then 'override'). What was
-- reported stays beside it, so that the hour can be priced again without that rule.
ALTER TABLE node_hours ADD COLUMN IF NOT EXISTS has_reported_cost Bool DEFAULT price_basis = 'reported' AFTER reported_cost;
