import { AppError } from '../../lib/errors.ts';
import { nearestWord } from '../../lib/nearest-word.ts';
import { ALIASES, type Alias, sanitizeLabelName } from '../allocation-properties.ts';

/** What costs are cut by. */
export type AggregateKey =
  | { readonly kind: 'text'; readonly property: TextKeyProperty }
  /** Kind and name together: `deployment:web`. */
  | { readonly kind: 'controller' }
  | { readonly kind: 'controllerOfKind'; readonly controllerKind: ControllerKindKey }
  | { readonly kind: 'service' }
  | { readonly kind: 'map'; readonly property: MapKeyProperty; readonly key: string }
  | { readonly kind: 'alias'; readonly alias: Alias };

const TEXT_KEYS = {
  cluster: 'cluster',
  node: 'node',
  namespace: 'namespace',
  controllerKind: 'controllerKind',
  pod: 'pod',
  container: 'container',
  providerID: 'providerId',
  zone: 'zone',
  region: 'region',
  instanceType: 'instanceType',
  pool: 'pool',
} as const;
export type TextKeyProperty = (typeof TEXT_KEYS)[keyof typeof TEXT_KEYS];

const CONTROLLER_KINDS = ['deployment', 'statefulset', 'daemonset', 'job'] as const;
type ControllerKindKey = (typeof CONTROLLER_KINDS)[number];

/** The kinds of controllers that such a key names. OpenCost calls a CronJob's pods a job's. */
export const KINDS_OF_KEY: Readonly<Record<ControllerKindKey, readonly string[]>> = {
  deployment: ['deployment'],
  statefulset: ['statefulset'],
  daemonset: ['daemonset'],
  job: ['job', 'cronjob'],
};

const MAP_KEYS = { label: 'labels', annotation: 'annotations', namespaceLabel: 'namespaceLabels' } as const;
export type MapKeyProperty = (typeof MAP_KEYS)[keyof typeof MAP_KEYS];

/** By what they are written, in small letters: keys are read whatever their case, as OpenCost reads them. */
const BY_NAME: ReadonlyMap<string, AggregateKey> = new Map<string, AggregateKey>([
  ...Object.entries(TEXT_KEYS).map(([name, property]) => [name.toLowerCase(), { kind: 'text', property }] as const),
  ['controller', { kind: 'controller' }],
  ...CONTROLLER_KINDS.map((kind) => [kind, { kind: 'controllerOfKind', controllerKind: kind }] as const),
  ['service', { kind: 'service' }],
  ...ALIASES.map((alias) => [alias, { kind: 'alias', alias }] as const),
]);

/** All keys there are, as they are written. */
export const AGGREGATE_NAMES: readonly string[] = [
  ...Object.keys(TEXT_KEYS),
  'controller',
  ...CONTROLLER_KINDS,
  'service',
  ...ALIASES,
  ...Object.keys(MAP_KEYS).map((name) => `${name}:<name>`),
];

/** What an allocation is when nobody says by what to cut. */
export const CONTAINER_KEYS: readonly AggregateKey[] = (
  ['cluster', 'node', 'namespace', 'pod', 'container'] as const
).map((property) => ({ kind: 'text', property }));

/** Keys of one question. */
export const AGGREGATE_KEYS_MAX = 16;
const NAME_CHARS_MAX = 317; // a prefix of 253, a slash, a name of 63

/**
 * `cluster,label:app` as keys, each once, in the order given. Nothing stands for `CONTAINER_KEYS`, and `all` for no key at
 * all: one sum.
 *
 * @throws AppError `invalid_request` that lists the keys there are. OpenCost leaves out what it does not know.
 */
export function parseAggregate(text: string): readonly AggregateKey[] {
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length === 0) return CONTAINER_KEYS;
  if (words.length === 1 && words[0] === 'all') return [];
  if (words.length > AGGREGATE_KEYS_MAX) {
    throw refusal(`cannot cut by ${words.length} keys at once; at most ${AGGREGATE_KEYS_MAX}`);
  }
  const keys = words.map(keyOfWord);
  return [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()];
}

function keyOfWord(word: string): AggregateKey {
  const colon = word.indexOf(':');
  const key = colon < 0 ? BY_NAME.get(word.toLowerCase()) : mapKey(word.slice(0, colon), word.slice(colon + 1).trim());
  if (key !== undefined) return key;
  const near = nearestWord(word, AGGREGATE_NAMES);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  const shown = JSON.stringify(word.slice(0, 80));
  throw refusal(`there is no key ${shown} to aggregate by; there are ${AGGREGATE_NAMES.join(', ')} and all${hint}`);
}

function mapKey(prefix: string, name: string): AggregateKey | undefined {
  const property = Object.entries(MAP_KEYS).find(([word]) => word.toLowerCase() === prefix.trim().toLowerCase())?.[1];
  if (property === undefined || name === '') return undefined;
  if (name.length > NAME_CHARS_MAX) {
    throw refusal(`the name of a label has ${name.length} characters; at most ${NAME_CHARS_MAX}`);
  }
  return { kind: 'map', property, key: sanitizeLabelName(name) };
}

function refusal(message: string): AppError {
  return new AppError('invalid_request', message, { details: { field: 'aggregate' } });
}
