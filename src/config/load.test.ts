import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { AppError } from '../lib/errors.ts';
import { describeConfig } from './describe.ts';
import type { Environment } from './environment.ts';
import { loadConfig, parseConfig } from './load.ts';
import { SETTINGS, settingOfKey } from './settings.ts';

const FOLDER = join(import.meta.dirname, 'testdata');
const files = (ending: string) => readdirSync(FOLDER).filter((name) => name.endsWith(ending));
const scratch = mkdtempSync(join(tmpdir(), 'kubetally-config-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function fileOf(text: string): string {
  const file = join(scratch, 'kubetally.yml');
  writeFileSync(file, text);
  return file;
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_config') return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

const inEnvironment = (environment: Environment) => loadConfig({ environment });

describe('files', () => {
  test.each(files('.good.yml'))('%s is taken', (name) => {
    expect(() => loadConfig({ file: join(FOLDER, name), environment: {} })).not.toThrow();
  });

  test.each(files('.bad.yml'))('%s is refused with exactly the problems it names, each with its place', (name) => {
    const file = join(FOLDER, name);
    const expected = [...readFileSync(file, 'utf8').matchAll(/^# ✖ (.+)$/gm)].map(([, line = '']) => line);
    const [title, ...lines] = refusal(() => loadConfig({ file, environment: {} })).split('\n');
    expect(new Set(lines.map((line) => line.trim().replace(`${FOLDER}/`, '')))).toEqual(new Set(expected));
    expect(lines).toHaveLength(expected.length);
    expect(title).toContain(`${expected.length} problem`);
  });

  test.each(['team.yml', 'company.yml'])('the example %s in deploy/ is taken', (name) => {
    const file = join(import.meta.dirname, '../../deploy/config', name);
    expect(() => loadConfig({ file, environment: {} })).not.toThrow();
  });

  test('both kinds of files are there', () => {
    expect(files('.good.yml').length).toBeGreaterThan(2);
    expect(files('.bad.yml').length).toBeGreaterThan(5);
  });

  test('a missing file is told together with the other problems', () => {
    const message = refusal(() => loadConfig({ file: '/no/such.yml', environment: { KUBETALLY_HTTP_PORT: 'x' } }));
    expect(message).toContain('no such file');
    expect(message).toContain('http.port');
  });

  test('a file that unfolds without end is refused', () => {
    const tenOf = (anchor: string) => `[${Array.from({ length: 10 }, () => `*${anchor}`).join(', ')}]`;
    const levels = ['ba', 'cb', 'dc', 'ed'].map(
      (pair) => `${pair.charAt(0)}: &${pair.charAt(0)} ${tenOf(pair.charAt(1))}`,
    );
    const bomb = ['a: &a [x, x]', ...levels];
    expect(() => loadConfig({ file: fileOf(bomb.join('\n')), environment: {} })).toThrow(/alias/i);
  });
});

describe('places', () => {
  test('each place wins over the ones before it', () => {
    const file = fileOf('http: { port: 1 }\nenvironment: file\n');
    const f = (environment: Environment, overrides: { http?: { port: number } }, port: number, origin: string) => {
      const loaded = loadConfig({ file, environment, overrides });
      expect([loaded.config.http.port, loaded.origins.get('http.port')]).toEqual([port, origin]);
      expect(loaded.config.environment).toBe('file');
    };
    f({}, {}, 1, `${file}:1`);
    f({ SERVER_ADDRESS: ':2' }, {}, 2, 'environment SERVER_ADDRESS');
    f({ SERVER_ADDRESS: ':2', KUBETALLY_HTTP_PORT: '3' }, {}, 3, 'environment KUBETALLY_HTTP_PORT');
    f({ KUBETALLY_HTTP_PORT: '3' }, { http: { port: 4 } }, 4, 'command line');
  });

  test('the file may be named in the environment, ours first', () => {
    const file = fileOf('http: { port: 7 }');
    expect(inEnvironment({ API_SERVER_CONF_FILE: file }).config.http.port).toBe(7);
    expect(inEnvironment({ KUBETALLY_CONFIG: file, API_SERVER_CONF_FILE: '/no/such.yml' }).config.http.port).toBe(7);
  });

  test('choosing another engine discards what was said of the one it replaces', () => {
    const file = fileOf('columnar: { memoryBytesMax: 512MiB }\n');
    const environment = { KUBETALLY_COLUMNAR_ENGINE: 'clickhouse', KUBETALLY_COLUMNAR_URL: 'http://clickhouse:8123' };
    expect(loadConfig({ file, environment }).config.columnar).toEqual({
      engine: 'clickhouse',
      url: 'http://clickhouse:8123',
      user: 'default',
      database: 'kubetally',
    });
  });

  test('nothing at all is a configuration', () => {
    expect(inEnvironment({}).config).toEqual(parseConfig());
  });
});

describe('environment', () => {
  test('every setting has a name of its own in the environment', () => {
    expect(new Set(SETTINGS.map((setting) => setting.environmentName)).size).toBe(SETTINGS.length);
    expect(SETTINGS.length).toBeGreaterThan(40);
    expect(settingOfKey('http.rateLimit.perKeyPerMinute')?.environmentName).toBe(
      'KUBETALLY_HTTP_RATE_LIMIT_PER_KEY_PER_MINUTE',
    );
  });

  test('every setting says what it means', () => {
    expect(SETTINGS.filter((setting) => setting.description.length < 8)).toEqual([]);
  });

  test('texts become what their setting is', () => {
    const { config } = inEnvironment({
      KUBETALLY_HTTP_TRUST_PROXY: 'yes',
      KUBETALLY_HTTP_CORS_ORIGINS: 'https://a.example, https://b.example',
      KUBETALLY_HTTP_BODY_BYTES_MAX: '2048',
      KUBETALLY_COLUMNAR_MEMORY_BYTES_MAX: '2GiB',
      KUBETALLY_HTTP_HOST: '',
    });
    expect(config.http).toMatchObject({
      trustProxy: true,
      corsOrigins: ['https://a.example', 'https://b.example'],
      bodyBytesMax: 2048,
      host: '0.0.0.0',
    });
    expect(config.columnar).toMatchObject({ memoryBytesMax: 2 ** 31 });
  });

  test('names of other programs are understood', () => {
    const { config } = inEnvironment({
      ENVIRONMENT: 'staging',
      SERVER_ADDRESS: '[::1]:9090',
      CLUSTER_NAME: 'blue',
      POD_LABEL_KEYS: 'label_rht_comp, team',
      S3_BUCKET: 'usage',
      S3_PREFIX: 'costs/',
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: 'http://minio:9000',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'aws-secret',
      DEBUG_K8S_API: 'true',
      DATABASE_URL: 'postgres://u:p@host/db',
      KUBETALLY_KEYS_PEPPER: 'pepper-secret-of-length',
    });
    expect(config).toMatchObject({
      environment: 'staging',
      debugKubernetesApi: true,
      http: { host: '::1', port: 9090 },
    });
    expect(config.intake.clusterNameDefault).toBe('blue');
    expect(config.uploads.podLabelKeys).toEqual(['label_rht_comp', 'team']);
    expect(config.lake).toMatchObject({
      bucket: 'usage',
      prefix: 'costs/',
      region: 'eu-west-1',
      endpoint: 'http://minio:9000',
      accessKeyId: 'id',
    });
    expect(config.relational.engine === 'postgres' && config.relational.url.reveal()).toBe('postgres://u:p@host/db');
  });

  test('a mistyped name is refused; the service links of Kubernetes are not', () => {
    expect(refusal(() => inEnvironment({ KUBETALLY_HTTP_PROT: '1' }))).toContain('did you mean KUBETALLY_HTTP_PORT?');
    const links = {
      KUBETALLY_SERVICE_HOST: '10.0.0.1',
      KUBETALLY_SERVICE_PORT_HTTP: '8080',
      KUBETALLY_PORT: 'tcp://10.0.0.1:8080',
      KUBETALLY_HTTP_PORT: 'tcp://10.0.0.1:8080',
      KUBETALLY_PORT_8080_TCP_ADDR: '10.0.0.1',
      KUBETALLY_WEB_SERVICE_PORT: '80',
    };
    expect(inEnvironment(links).config.http.port).toBe(8080);
  });
});

describe('secrets', () => {
  const SECRETS = /column-secret|relational-secret|cache-secret|pepper-secret|aws-secret/;

  test('no printed form of a configuration shows one', () => {
    const loaded = loadConfig({
      file: join(FOLDER, 'company.good.yml'),
      environment: { AWS_SECRET_ACCESS_KEY: 'aws-secret' },
    });
    const { config } = loaded;
    const printed = [
      describeConfig(loaded),
      JSON.stringify(config),
      inspect(config, { depth: null }),
      String(config.keys.pepper),
    ];
    for (const text of printed) {
      expect(text).toContain('[secret]');
      expect(text).not.toMatch(SECRETS);
    }
    expect(config.keys.pepper?.reveal()).toBe('pepper-secret-of-length');
  });

  test.each(files('.bad.yml'))('no refusal of %s shows one', (name) => {
    expect(refusal(() => loadConfig({ file: join(FOLDER, name), environment: {} }))).not.toMatch(SECRETS);
  });
});

test('a configuration cannot be changed', () => {
  const { http } = parseConfig({ http: { corsOrigins: ['https://a.example'] } });
  expect(() => Object.assign(http, { port: 1 })).toThrow(TypeError);
  expect(() => Object.assign(http.rateLimit, { burst: 1 })).toThrow(TypeError);
  expect(() => Object.assign(http.corsOrigins, { 0: '*' })).toThrow(TypeError);
});

test('the printed configuration says where each value came from', () => {
  const file = fileOf('\nhttp:\n  port: 81\n');
  expect(describeConfig(loadConfig({ file, environment: {} }))).toContain(`port: 81 # ${file}:3`);
});
