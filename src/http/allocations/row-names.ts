import type { AggregateKey } from '../../core/aggregate/aggregate-keys.ts';
import { UNALLOCATED } from '../../core/allocation-properties.ts';
import type { ShownRow } from './fold-top.ts';

/** Names of rows that are nobody's own. OpenCost knows no overcommitment: it cuts off what is negative. */
const SPECIAL = {
  idle: '__idle__',
  overcommit: '__overcommit__',
  shared: '__shared__',
  management: '__management__',
  other: '__other__',
} as const;

/** The one row of everything, where it is cut by nothing: the word that asks for it. */
const EVERYTHING = 'all';

/** The name of a row: the values of its keys with slashes, or the special name, behind its place where it has one. */
export function rowName(row: Pick<ShownRow, 'kind' | 'values'>): string {
  return openCostName(row) || EVERYTHING;
}

/** Likewise in OpenCost's answers, where the row of everything has no name. */
export function openCostName({ kind, values }: Pick<ShownRow, 'kind' | 'values'>): string {
  if (kind !== 'allocation') return [...values, SPECIAL[kind]].join('/');
  return values.map((value) => value || UNALLOCATED).join('/');
}

/** What a row is the same by in another set. Not its name: values may hold slashes, or be written like `__idle__`. */
export function rowIdentity({ kind, values }: Pick<ShownRow, 'kind' | 'values'>): string {
  return JSON.stringify([kind, ...values.map((value) => value || UNALLOCATED)]);
}

/** How a key is written: `namespace`, `label:app`. */
export function keyName(key: AggregateKey): string {
  switch (key.kind) {
    case 'text':
      return key.property === 'providerId' ? 'providerID' : key.property;
    case 'controllerOfKind':
      return key.controllerKind;
    case 'map':
      return `${MAPS[key.property]}:${key.key}`;
    case 'alias':
      return key.alias;
    case 'controller':
    case 'service':
      return key.kind;
    default:
      return key satisfies never;
  }
}

const MAPS = { labels: 'label', annotations: 'annotation', namespaceLabels: 'namespaceLabel' } as const;
