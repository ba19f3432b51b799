import { AppError } from '../../lib/errors.ts';
import { nearestWord } from '../../lib/nearest-word.ts';
import { ALIASES, type Alias, DEFAULT_ALIASES, sanitizeLabelName } from '../allocation-properties.ts';
import type { FieldTarget, FilterFields } from '../filter/fields.ts';
import { parseFilterOf } from '../filter/parser.ts';
import { type AssetFilter, type AssetProperty, UNDEFINED } from './asset-properties.ts';
import { withKnownWords } from './known-words.ts';

/** What assets are cut by. */
export type AssetKey =
  | { readonly kind: 'text'; readonly property: AssetProperty }
  | { readonly kind: 'label'; readonly label: string }
  | { readonly kind: 'alias'; readonly alias: Alias };

/** Keys and filter fields by what they are written; filters say `assetType`, as OpenCost's do, or `type`. */
const WORDS = {
  type: 'type',
  category: 'category',
  provider: 'provider',
  account: 'account',
  project: 'project',
  cluster: 'cluster',
  service: 'service',
  providerID: 'providerId',
  name: 'name',
  namespace: 'namespace',
  zone: 'zone',
  region: 'region',
  instanceType: 'instanceType',
  pool: 'pool',
  storageClass: 'storageClass',
} as const satisfies Record<string, AssetProperty>;

/** Keys are read whatever their case, as OpenCost reads them. */
const BY_NAME: ReadonlyMap<string, AssetKey> = new Map<string, AssetKey>([
  ...Object.entries(WORDS).map(([word, property]) => [word.toLowerCase(), { kind: 'text', property }] as const),
  ...ALIASES.map((alias) => [alias, { kind: 'alias', alias }] as const),
]);

/** All keys there are, as they are written. */
export const ASSET_KEY_NAMES: readonly string[] = [...Object.keys(WORDS), ...ALIASES, 'label:<name>'];

/** Keys of one question. */
export const ASSET_KEYS_MAX = 16;
const NAME_CHARS_MAX = 317; // a prefix of 253, a slash, a name of 63

const textKeys = (...properties: readonly AssetProperty[]): readonly AssetKey[] =>
  properties.map((property) => ({ kind: 'text', property }));

/** Each asset by itself, in words that people use. */
export const ASSET_NAME_KEYS = textKeys('cluster', 'type', 'name');

/** Each asset by itself, as OpenCost names it. */
export const OPENCOST_ASSET_KEYS = textKeys(
  'provider',
  'account',
  'project',
  'category',
  'cluster',
  'type',
  'service',
  'providerId',
  'name',
);

/**
 * `type,label:team` as keys, each once, in the order given. Nothing stands for each asset by itself (`single`), and `all` for no
 * key at all: one sum.
 *
 * @throws AppError `invalid_request` that lists the keys there are.
 */
export function parseAssetAggregate(text: string, single = ASSET_NAME_KEYS): readonly AssetKey[] {
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length === 0) return single;
  if (words.length === 1 && words[0] === 'all') return [];
  if (words.length > ASSET_KEYS_MAX) {
    throw refusal(`cannot cut by ${words.length} keys at once; at most ${ASSET_KEYS_MAX}`);
  }
  const keys = words.map(keyOfWord);
  return [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()];
}

function keyOfWord(word: string): AssetKey {
  const [prefix = '', ...rest] = word.split(':');
  const label = rest.join(':').trim();
  const isLabel = prefix.trim().toLowerCase() === 'label' && label !== '';
  const key = isLabel ? labelKey(label) : BY_NAME.get(word.toLowerCase());
  if (key !== undefined) return key;
  const near = nearestWord(word, ASSET_KEY_NAMES);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  const shown = JSON.stringify(word.slice(0, 80));
  throw refusal(`there is no key ${shown} to aggregate by; there are ${ASSET_KEY_NAMES.join(', ')} and all${hint}`);
}

function labelKey(name: string): AssetKey {
  if (name.length > NAME_CHARS_MAX) {
    throw refusal(`the name of a label has ${name.length} characters; at most ${NAME_CHARS_MAX}`);
  }
  return { kind: 'label', label: sanitizeLabelName(name) };
}

function refusal(message: string): AppError {
  return new AppError('invalid_request', message, { details: { field: 'aggregate' } });
}

/** How a key is written: `providerID`, `label:team`. */
export function assetKeyName(key: AssetKey): string {
  switch (key.kind) {
    case 'text':
      return key.property === 'providerId' ? 'providerID' : key.property;
    case 'label':
      return `label:${key.label}`;
    case 'alias':
      return key.alias;
    default:
      return key satisfies never;
  }
}

const FIELDS: FilterFields<AssetProperty> = new Map<string, FieldTarget<AssetProperty>>([
  ...Object.entries({ assetType: 'type', ...WORDS } as const).map(
    ([name, property]) => [name, { kind: 'text', property }] as const,
  ),
  ['label', { kind: 'map', property: 'labels' }],
  ...ALIASES.map((alias) => [alias, { kind: 'alias', alias }] as const),
]);

/**
 * Filter language v2 over assets: `assetType:"node"+cluster!:"east"`. Types are found in any case, and `__undefined__` is what
 * an asset does not have. Throws as `parseFilter` does, and for a type or category that no asset has.
 */
export function parseAssetFilter(text: string): AssetFilter {
  return withKnownWords(inOurWords(parseFilterOf(text, { fields: FIELDS, aliases: DEFAULT_ALIASES })), 'filter');
}

function inOurWords(filter: AssetFilter): AssetFilter {
  if (filter.kind === 'and' || filter.kind === 'or') return { ...filter, parts: filter.parts.map(inOurWords) };
  if (filter.kind === 'not') return { ...filter, part: inOurWords(filter.part) };
  if (filter.kind !== 'text') return filter;
  const values = filter.values.map((value) => (value === UNDEFINED ? '' : value));
  return { ...filter, values: filter.property === 'type' ? values.map((value) => value.toLowerCase()) : values };
}
