import { readFileSync } from 'node:fs';

/** The rollup's SQL, one file per step. Read once: a missing file is a broken installation and must fail at start. */
function load(name: string): string {
  return readFileSync(new URL(`./sql/${name}.sql`, import.meta.url), 'utf8');
}

/** Puts one of our own files where `{{part}}` stands in another. Values never travel this way: they are bound. */
function compose(name: string, part: string, filling: string): string {
  const [before, after, ...rest] = load(name).split(`{{${part}}}`);
  if (after === undefined || rest.length > 0) throw new Error(`${name}.sql must hold {{${part}}} exactly once`);
  return before + load(filling) + after;
}

export const SURVEY = load('survey');
export const DIRTY_HOURS = load('dirty-hours');
export const CLUSTER_HOUR = load('cluster-hours');
export const DIRTY_DAYS = load('dirty-days');
export const WORKLOAD_DAY = load('workload-days');
export const DAY_GRAIN = load('day-grain');

export const PRICE_NODES = compose('price-nodes', 'offered', 'nodes-from-samples');
export const PRICE_CONTAINERS = compose('price-containers', 'usage', 'usage-from-samples');
export const REPRICE_NODES = compose('price-nodes', 'offered', 'nodes-from-ledger');
export const REPRICE_CONTAINERS = compose('price-containers', 'usage', 'usage-from-ledger');
export const REPRICE_CLUSTER_HOUR = load('reprice-cluster-hours');
