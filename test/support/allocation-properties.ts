import * as fc from 'fast-check';
import type { AllocationProperties } from '../../src/core/allocation-properties.ts';
import type { Filter } from '../../src/core/filter/tree.ts';

type PlainProperties = Partial<Omit<AllocationProperties, 'labels' | 'annotations' | 'namespaceLabels'>> & {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly namespaceLabels?: Readonly<Record<string, string>>;
};

/** An allocation of which only the given is known. */
export function allocationOf(known: PlainProperties = {}): AllocationProperties {
  return {
    cluster: '',
    node: '',
    namespace: '',
    controllerKind: '',
    controller: '',
    pod: '',
    container: '',
    providerId: '',
    zone: '',
    region: '',
    instanceType: '',
    pool: '',
    services: [],
    ...known,
    labels: new Map(Object.entries(known.labels ?? {})),
    annotations: new Map(Object.entries(known.annotations ?? {})),
    namespaceLabels: new Map(Object.entries(known.namespaceLabels ?? {})),
  };
}

/** Few enough that they meet, and such as break what splices text. */
const HOSTILE = [
  '',
  'a',
  'ab',
  'b',
  "'",
  "' OR 1=1 --",
  '\\',
  "\\'",
  '{filter_0:String}',
  '%',
  '_',
  'ü',
  '🐙',
  '\u0000',
  '\t\n',
  '`',
  '"',
  '__proto__',
  '/*',
  ';DROP TABLE x',
];
export const hostileText = (): fc.Arbitrary<string> =>
  fc.oneof(
    { arbitrary: fc.constantFrom(...HOSTILE), weight: 4 },
    { arbitrary: fc.string({ unit: 'grapheme', maxLength: 4 }), weight: 1 },
  );

export const hostileProperties = (): fc.Arbitrary<AllocationProperties> => {
  const text = hostileText();
  const map = fc.array(fc.tuple(text, text), { maxLength: 3 }).map((entries) => new Map(entries));
  return fc.record({
    cluster: text,
    node: text,
    namespace: text,
    controllerKind: text,
    controller: text,
    pod: text,
    container: text,
    providerId: text,
    zone: text,
    region: text,
    instanceType: text,
    pool: text,
    services: fc.array(text, { maxLength: 3 }),
    labels: map,
    annotations: map,
    namespaceLabels: map,
  });
};

/** Every shape of tree, deeper than people write them. */
export const anyFilter = (): fc.Arbitrary<Filter> => {
  const key = hostileText().filter((text) => text !== '');
  const values = fc.array(hostileText(), { minLength: 1, maxLength: 3 });
  const comparator = fc.constantFrom('equals', 'contains', 'starts', 'ends' as const);
  const ofElement = fc.constantFrom('equals', 'starts', 'ends' as const);
  const property = fc.constantFrom('labels', 'annotations', 'namespaceLabels' as const);
  const texts = fc.constantFrom('cluster', 'node', 'namespace', 'controllerKind', 'pod', 'providerId' as const);
  const leaf: fc.Arbitrary<Filter> = fc.oneof(
    fc.record({ kind: fc.constant('text' as const), property: texts, comparator, values }),
    fc.record({ kind: fc.constant('services' as const), comparator: ofElement, values }),
    fc.record({ kind: fc.constant('has-key' as const), property, comparator: ofElement, values }),
    fc.record({ kind: fc.constant('keyed' as const), property, key, comparator, values }),
    fc.constant<Filter>({ kind: 'all' }),
  );
  return fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      leaf,
      fc.record({ kind: fc.constant('not' as const), part: tie('filter') }),
      fc.record({
        kind: fc.constantFrom('and', 'or' as const),
        parts: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
      }),
    ),
  })).filter;
};
