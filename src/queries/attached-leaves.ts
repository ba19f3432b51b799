import { byGrain, type Grains } from './grain.ts';
import { readSql } from './statements.ts';

/**
 * The ledger's rows of what clusters pay for beside their nodes: volumes, load balancers and management, each counted once. SQL that
 * is bound to `tenant`, `clusters`, `start`, `end`, and to a plan as `grainParams` has it.
 */
export function attachedLeaves(grains: Grains): string {
  const things = ['attached-volumes', 'attached-balancers'].flatMap((name) => byGrain(name, grains));
  return [...things, readSql('attached-management')].join('\nUNION ALL\n');
}
