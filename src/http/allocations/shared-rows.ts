import { DEFAULT_ALIASES } from '../../core/allocation-properties.ts';
import { compare, type Filter, orOf } from '../../core/filter/tree.ts';
import { AppError } from '../../lib/errors.ts';

/** Of `shareNamespaces` and `shareLabels` together. */
const SHARED_MAX = 100;

interface SharedNames {
  /** `kube-system,monitoring` */
  readonly shareNamespaces: string;
  /** `app:ingress,team:platform` */
  readonly shareLabels: string;
}

/** Whose cost the others bear, as a filter; `null` where nobody is named. Throws `invalid_request` for a label without a value. */
export function sharedRows(names: SharedNames): Filter | null {
  const parts = sharedParts(names);
  return parts.length === 0 ? null : orOf(parts.map(({ filter }) => filter));
}

/** The same, each namespace and label by itself. */
export function sharedParts({ shareNamespaces, shareLabels }: SharedNames): { name: string; filter: Filter }[] {
  const namespaces = listOf(shareNamespaces);
  const labels = listOf(shareLabels);
  if (namespaces.length + labels.length > SHARED_MAX) {
    const message = `cannot share ${namespaces.length + labels.length} namespaces and labels; at most ${SHARED_MAX}`;
    throw new AppError('invalid_request', message, { details: { field: 'shareNamespaces' } });
  }
  return [
    ...namespaces.map((name) => ({ name, filter: ofNamespace(name) })),
    ...labels.map((name) => ({ name, filter: ofLabel(name) })),
  ];
}

function ofNamespace(name: string): Filter {
  const target = { kind: 'text', property: 'namespace' } as const;
  return compare({ target, comparator: 'equals', values: [name] }, DEFAULT_ALIASES);
}

function ofLabel(text: string): Filter {
  const colon = text.indexOf(':');
  if (colon < 1) {
    const message = `shareLabels cannot be "${text.slice(0, 80)}": expected name:value`;
    throw new AppError('invalid_request', message, { details: { field: 'shareLabels' } });
  }
  const [key, value] = [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
  const target = { kind: 'map', property: 'labels' } as const;
  return compare({ target, key, comparator: 'equals', values: [value] }, DEFAULT_ALIASES);
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
