import { nearestWord } from '../lib/nearest-word.ts';
import type { Entry, Layer } from './layers.ts';
import type { Problem } from './problems.ts';
import { ENVIRONMENT_PREFIX, SETTINGS, type SettingKind, settingOfEnvironmentName } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the configuration file may be named, first match wins. */
export const FILE_NAMES = ['KUBETALLY_CONFIG', 'API_SERVER_CONF_FILE'] as const;

/** Names with our prefix that are no settings: the command line's own, and those of the tests. */
const OTHER_NAMES = /^KUBETALLY_(CONFIG|SERVER|KEY|TEST_[A-Z0-9_]+)$/;

/**
 * Kubernetes puts the addresses of a Service named `kubetally…` into the environment of every pod beside it. They look
 * like settings and are none.
 */
const SERVICE_LINK_NAME =
  /^KUBETALLY_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_[A-Z]+)?)$/;
const SERVICE_LINK_VALUE = /^(tcp|udp|sctp):\/\//;

/** A name that another program gave a meaning before us, and the settings that it fills. */
export interface Alias {
  readonly name: string;
  readonly keys: readonly string[];
  values(text: string): readonly unknown[];
}

const same = (name: string, key: string): Alias => ({ name, keys: [key], values: (text) => [text] });

export const ALIASES: readonly Alias[] = [
  same('ENVIRONMENT', 'environment'),
  { name: 'DATABASE_URL', keys: ['relational.engine', 'relational.url'], values: (text) => ['postgres', text] },
  { name: 'SERVER_ADDRESS', keys: ['http.host', 'http.port'], values: hostAndPort },
  {
    name: 'CLUSTER_NAME',
    keys: ['intake.clusterNameDefault', 'collect.clusterName', 'agent.clusterName'],
    values: (text) => [text, text, text],
  },
  { name: 'POD_LABEL_KEYS', keys: ['uploads.podLabelKeys'], values: (text) => [parseText(text, 'list')] },
  same('S3_BUCKET', 'lake.bucket'),
  same('S3_PREFIX', 'lake.prefix'),
  same('AWS_REGION', 'lake.region'),
  same('AWS_ENDPOINT_URL', 'lake.endpoint'),
  same('AWS_ACCESS_KEY_ID', 'lake.accessKeyId'),
  same('AWS_SECRET_ACCESS_KEY', 'lake.secretAccessKey'),
  same('PUSH_ENDPOINT', 'collect.endpoint'),
  same('NODE_NAME', 'collect.nodeName'),
  { name: 'SCRAPE_INTERVAL', keys: ['collect.intervalSeconds'], values: (text) => [seconds(text)] },
  { name: 'JITTER_PERCENT', keys: ['collect.jitterPercent'], values: (text) => [parseText(text, 'number')] },
  {
    name: 'MAX_CONSECUTIVE_FAILURES',
    keys: ['collect.consecutiveFailuresMax'],
    values: (text) => [parseText(text, 'number')],
  },
  same('AGENT_SERVER_URL', 'agent.serverUrl'),
  same('AGENT_API_KEY', 'agent.apiKey'),
  same('AGENT_CLUSTER_NAME', 'agent.clusterName'),
  { name: 'DEBUG_K8S_API', keys: ['debugKubernetesApi'], values: (text) => [parseText(text, 'boolean')] },
];

export interface EnvironmentLayers {
  readonly aliases: Layer;
  readonly own: Layer;
  readonly problems: readonly Problem[];
}

/** Reads the settings from environment variables. An empty value counts as not set. */
export function readEnvironment(environment: Environment): EnvironmentLayers {
  const own: Entry[] = [];
  const problems: Problem[] = [];
  for (const [name, text = ''] of Object.entries(environment)) {
    if (text === '' || !name.startsWith(ENVIRONMENT_PREFIX) || isForeign(name, text)) continue;
    const setting = settingOfEnvironmentName(name);
    if (setting === undefined) problems.push(unknownName(name));
    else own.push({ path: setting.key.split('.'), value: parseText(text, setting.kind), origin: originOf(name) });
  }
  return { aliases: ALIASES.flatMap((alias) => aliasEntries(alias, environment)), own, problems };
}

function aliasEntries(alias: Alias, environment: Environment): Entry[] {
  const text = environment[alias.name] ?? '';
  if (text === '') return [];
  return alias.values(text).flatMap((value, index) => {
    const path = alias.keys[index]?.split('.');
    return path === undefined || value === undefined ? [] : [{ path, value, origin: originOf(alias.name) }];
  });
}

function isForeign(name: string, text: string): boolean {
  return OTHER_NAMES.test(name) || SERVICE_LINK_NAME.test(name) || SERVICE_LINK_VALUE.test(text);
}

function unknownName(name: string): Problem {
  const near = nearestWord(
    name,
    SETTINGS.map((setting) => setting.environmentName),
  );
  return {
    key: '',
    message: `no setting has this name${near === undefined ? '' : `; did you mean ${near}?`}`,
    origin: originOf(name),
  };
}

const originOf = (name: string): string => `environment ${name}`;

/** Texts that do not fit their kind stay texts: the schema then says what it expected. */
function parseText(text: string, kind: SettingKind): unknown {
  if (kind === 'list') return text.split(',').map((part) => part.trim());
  if (kind === 'boolean') return BOOLEANS.get(text.toLowerCase()) ?? text;
  const isNumber = (kind === 'number' || kind === 'bytes') && /^-?\d{1,15}$/.test(text);
  return isNumber ? Number(text) : text;
}

const BOOLEANS = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['off', false],
]);

/** `30`, `30s`, `10m` and `1h` as seconds. Anything else stays as it is, and is refused. */
function seconds(text: string): unknown {
  const [, count, unit = 's'] = /^(\d{1,6})([smh])?$/.exec(text) ?? [];
  return count === undefined ? text : Number(count) * (unit === 'h' ? 3_600 : unit === 'm' ? 60 : 1);
}

/** `:8080` (every address), `127.0.0.1:8080`, `[::1]:8080`. Anything else goes to the port, where it is refused. */
function hostAndPort(text: string): readonly unknown[] {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  if (!match) return [undefined, text];
  const [, bracketed, plain, port] = match;
  return [bracketed ?? (plain === '' ? '0.0.0.0' : plain), Number(port)];
}
