import type { AggregateKey } from '../core/aggregate/aggregate-keys.ts';
import type { Resource } from '../core/allocation/costs.ts';
import { DEFAULT_ALIASES, sanitizeLabelName } from '../core/allocation-properties.ts';
import type { Filter } from '../core/filter/tree.ts';
import { type FilterColumns, sanitizedMapSql } from './filter-sql.ts';
import { POOL_LABELS } from './pool-labels.ts';

/** Columns of an answer that hold what a resource cost; what is not here is not in the ledger and costs nothing. */
export const COST_COLUMNS = { cpu: 'cpu_cost', ram: 'ram_cost' } as const satisfies Partial<Record<Resource, string>>;
    case 'controller':
      return `if(${controller} = '' OR controller_kind = '', ${controller}, concat(${controllerKind}, ':', ${controller}))`;
    case 'controllerOfKind':
      return `if(${controllerKind} = '${key.controllerKind}', ${controller}, '')`;
    case 'service':
      return `''`;
    case 'map':
      return key.property === 'labels' ? label(key.key) : `''`;
    case 'alias':
      return label(sanitizeLabelName(DEFAULT_ALIASES[key.alias]));
    default:
      return key satisfies never;
  }
}

const BY_NODE = new Set(['providerId', 'zone', 'region', 'instanceType', 'pool']);
const BY_HOUR = new Set(['node', 'pod', 'container', ...BY_NODE]);

/** What a question must read: hours, where it asks for more than workloads, and what is known of nodes. */
export interface Reach {
  readonly hours: boolean;
  readonly nodes: boolean;
}

export function reachOf(keys: readonly AggregateKey[], filters: readonly Filter[]): Reach {
  const asked = [
    ...keys.flatMap((key): string[] => (key.kind === 'text' ? [key.property] : [])),
    ...filters.flatMap(textsOf),
  ];
  return { hours: asked.some((name) => BY_HOUR.has(name)), nodes: asked.some((name) => BY_NODE.has(name)) };
}

function textsOf(filter: Filter): string[] {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.parts.flatMap(textsOf);
  if (filter.kind === 'not') return textsOf(filter.part);
  return filter.kind === 'text' ? [filter.property] : [];
}
