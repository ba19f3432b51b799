import type { Selectable } from 'kysely';
import { keyedRates, RATE_KEYS, ratesOf } from '../../core/price-rates.ts';
import { ruleFromJson, ruleToJson } from '../../core/price-rules.ts';
import { formatMoney, parseMoney } from '../../lib/money.ts';
import type { NewPriceVersion, PriceVersion, PriceVersionHead } from './price-versions.ts';
import type { Schema } from './schema.ts';

/** How price versions stand in their table. */

export const HEAD_COLUMNS = [
  'id',
  'seq',
  'tenant_id',
  'cluster_id',
  'effective_from',
  'currency',
  'base',
  'cpu_core_hour',
  'ram_gib_hour',
  'gpu_hour',
  'spot_cpu_core_hour',
  'spot_ram_gib_hour',
  'spot_gpu_hour',
  'storage_gib_hour',
  'balancer_hour',
  'network_zone_gib',
  'network_region_gib',
  'network_internet_gib',
  'management_hour',
  'note',
  'created_at',
  'created_by',
] as const;

export const COLUMNS = [...HEAD_COLUMNS, 'storage_classes', 'rules'] as const;

type Row = Selectable<Schema['price_versions']>;
type HeadRow = Pick<Row, (typeof HEAD_COLUMNS)[number]>;

export function toRow(tenantId: string, version: NewPriceVersion) {
  const { rates, rules } = version;
  const classes = Object.entries(version.storageClasses).map(([name, rate]) => [name, formatMoney(rate)]);
  return {
    id: crypto.randomUUID(),
    tenant_id: tenantId,
    cluster_id: version.clusterId,
    effective_from: new Date(version.effectiveFrom),
    currency: 'USD' as const,
    base: version.base,
    ...keyedRates((name) => formatMoney(rates[name])),
    storage_classes: JSON.stringify(Object.fromEntries(classes)),
    rules: JSON.stringify(rules.map(ruleToJson)),
    note: version.note,
    created_at: new Date(version.createdAt),
    created_by: version.createdBy,
  };
}

export function toPriceVersion(row: Pick<Row, (typeof COLUMNS)[number]>): PriceVersion {
  const classes = Object.entries(row.storage_classes).map(([name, rate]) => [name, parseMoney(rate)] as const);
  return {
    ...commonOf(row),
    storageClasses: Object.fromEntries(classes),
    rules: row.rules.map(ruleFromJson),
  };
}

export function toHead(row: HeadRow & { rule_count: number; storage_class_count: number }): PriceVersionHead {
  return { ...commonOf(row), ruleCount: row.rule_count, storageClassCount: row.storage_class_count };
}

function commonOf(row: HeadRow) {
  return {
    id: row.id,
    seq: row.seq,
    tenantId: row.tenant_id,
    clusterId: row.cluster_id,
    effectiveFrom: row.effective_from.getTime(),
    currency: row.currency,
    base: row.base,
    rates: ratesOf((name) => parseMoney(row[RATE_KEYS[name]])),
    note: row.note,
    createdAt: row.created_at.getTime(),
    createdBy: row.created_by,
  };
}
