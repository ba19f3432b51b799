import { DEFAULT_ALIASES, sanitizeLabelName } from '../core/allocation-properties.ts';
import type { AssetKey } from '../core/assets/asset-keys.ts';
import { ASSET_PROPERTIES, type AssetProperty } from '../core/assets/asset-properties.ts';
import { PROVIDERS } from '../core/assets/providers.ts';
import { type FilterColumns, sanitizedMapSql } from './filter-sql.ts';

/** Where each property stands in the list that assets.sql reads assets by. */
const textSql = (property: AssetProperty) => `texts[${ASSET_PROPERTIES.indexOf(property) + 1}]`;

/** Operators and Prometheus write `label_` before a label's name. */
export const BARE_LABELS = sanitizedMapSql(`mapApply((k, v) -> (replaceRegexpOne(k, '^label_', ''), v), labels)`);
const NO_MAP = `CAST(map(), 'Map(String, String)')`;

const TEXTS = {
  category: textSql('category'),
  provider: textSql('provider'),
  account: textSql('account'),
  project: textSql('project'),
  cluster: textSql('cluster'),
  service: textSql('service'),
  providerId: textSql('providerId'),
  name: textSql('name'),
  namespace: textSql('namespace'),
  zone: textSql('zone'),
  region: textSql('region'),
  instanceType: textSql('instanceType'),
  pool: textSql('pool'),
  storageClass: textSql('storageClass'),
  claim: textSql('claim'),
  ip: textSql('ip'),
} as const;

/** What filters ask about, in the words of assets.sql. Types are compared in small letters. */
export const ASSET_FILTER_COLUMNS: FilterColumns<AssetProperty> = {
  ...TEXTS,
  type: `lower(${textSql('type')})`,
  services: `CAST([], 'Array(String)')`,
  labels: 'bare_labels',
  annotations: NO_MAP,
  namespaceLabels: NO_MAP,
};

/** The values of keys, of type `Array(String)`. Names of labels are bound as `key_0`, `key_1`, … */
export function assetKeysSql(keys: readonly AssetKey[]) {
  const params: Record<string, string> = {};
  const label = (name: string) => {
    const param = `key_${Object.keys(params).length}`;
    params[param] = name;
    return `bare_labels[{${param}:String}]`;
  };
  const values = keys.map((key) => {
    if (key.kind === 'text') return textSql(key.property);
    return label(key.kind === 'label' ? key.label : sanitizeLabelName(DEFAULT_ALIASES[key.alias]));
  });
  return { sql: values.length === 0 ? `CAST([], 'Array(String)')` : `[${values.join(', ')}]`, params };
}

/** The schemes of provider IDs and who they are, as parameters of assets.sql. */
export const PROVIDER_PARAMS = {
  provider_schemes: Object.keys(PROVIDERS),
  provider_names: Object.values(PROVIDERS),
};
