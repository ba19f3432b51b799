import type { Columnar } from '../store/columnar/columnar.ts';
import type { PriceVersion } from '../store/relational/price-versions.ts';
import { ruleParams } from './price-params.ts';
import { type HourStatements, PRICE_NODES, PRICE_NODES_BY_RULES } from './statements.ts';

export interface NodePricing {
  readonly statements: HourStatements;
  readonly price: PriceVersion;
  /** The hour, the rates of the price, and the scratch tables. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly settings: Readonly<Record<string, string | number>>;
}

/** Writes what the nodes of an hour cost: one insert of one block. Only its statement is given the rules, which may be long. */
export async function priceNodes(
  columnar: Columnar,
  { statements, price, params, settings }: NodePricing,
  signal?: AbortSignal,
): Promise<void> {
  await columnar.command({ sql: statements.offered, params, settings }, signal);
  const sql = price.rules.length === 0 ? PRICE_NODES : PRICE_NODES_BY_RULES;
  await columnar.command({ sql, params: { ...params, ...ruleParams(price.rules) }, settings }, signal);
}
