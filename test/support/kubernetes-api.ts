import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';
import { makeCertificates } from './certificates.ts';

/**
 * A Kubernetes API over TLS, as far as reading it goes: lists in pages, watches that replay what happened since a version,
 * bookmarks, 410 for versions that it has forgotten, tokens that expire, the RBAC rules of deploy/rbac.yaml, and the ways
 * in which a real one fails. Nothing else is served: whoever asks for more is refused, and noted in `refusals`.
 */
export interface KubernetesApiDouble {
  readonly url: string;
  /** A kubeconfig file for it. It names a token file, so that tokens can be replaced in place. */
  readonly kubeconfig: string;
  readonly refusals: readonly string[];
  /** `list pods`, `watch nodes`: every request that was answered with 200. */
  readonly requests: readonly string[];
  /** Watches that are open. */
  watching(): number;
  /** Creates or changes an object; watches hear of it. */
  put(resource: ResourceName, object: KubernetesObject): void;
  /** Deletes it; watches hear of it with its last state. */
  remove(resource: ResourceName, uid: string): void;
  /** Deletes it, and no watch ever hears of it. */
  vanish(resource: ResourceName, uid: string): void;
  bookmark(): void;
  /** Forgets all versions up to now: watches from them get 410. */
  compact(): void;
  /** Ends all watches in the middle of a line. */
  breakOff(): void;
  /** Ends all watches in good order. */
  endWatches(): void;
  /** Writes text that is no event into every watch of `resource`. */
  garble(resource: ResourceName): void;
  /** Answers the next `times` requests for `resource` (all of them where it is `*`) with `status`. */
  fail(resource: ResourceName | '*', status: number, times: number): void;
  /** No more faults. */
  heal(): void;
  /** Lets the kubeconfig name the authority of another double. */
  trustOnly(other: KubernetesApiDouble): void;
  /** Takes another token from now on; `written`: the token file holds it. */
  newToken(written: boolean): void;
  writeToken(): void;
  forbid(resource: ResourceName): void;
  close(): Promise<void>;
}

export interface KubernetesObject {
  readonly metadata: { readonly uid: string; readonly name: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

const RESOURCE_PATHS = {
  nodes: '/api/v1/nodes',
  pods: '/api/v1/pods',
  persistentvolumeclaims: '/api/v1/persistentvolumeclaims',
  persistentvolumes: '/api/v1/persistentvolumes',
  services: '/api/v1/services',
  namespaces: '/api/v1/namespaces',
  replicasets: '/apis/apps/v1/replicasets',
  jobs: '/apis/batch/v1/jobs',
} as const;
export type ResourceName = keyof typeof RESOURCE_PATHS;

interface Change {
  readonly version: number;
  readonly resource: ResourceName;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubernetesObject;
}

interface OpenWatch {
  readonly resource: ResourceName;
  readonly response: ServerResponse;
}

interface State {
  version: number;
  compactedAt: number;
  token: string;
  readonly objects: Map<ResourceName, Map<string, KubernetesObject>>;
  readonly changes: Change[];
  readonly watches: Set<OpenWatch>;
  readonly faults: { resource: ResourceName | '*'; status: number; times: number }[];
  readonly allowed: Set<string>;
  readonly refusals: string[];
  readonly requests: string[];
}

const Rules = z.object({
  kind: z.literal('ClusterRole'),
  rules: z.array(
    z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) }),
  ),
});

/** `list pods`, `watch pods` … as deploy/rbac.yaml allows them. */
export function allowedByRbac(): Set<string> {
  const text = readFileSync(new URL('../../deploy/rbac.yaml', import.meta.url), 'utf8');
  const roles = parseAllDocuments(text).map((document) => Rules.safeParse(document.toJS()));
  const rules = roles.flatMap((role) => (role.success ? role.data.rules : []));
  const pairs = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((name) => verbs.map((verb) => `${verb} ${group}/${name}`))),
  );
  return new Set(pairs);
}

export async function startKubernetesApi(): Promise<KubernetesApiDouble> {
  const folder = mkdtempSync(join(tmpdir(), 'kubernetes-api-'));
  const { ca, cert, key } = makeCertificates(folder);
  const state: State = {
    version: 1_000,
    compactedAt: 0,
    token: 'token-1',
    objects: new Map(),
    changes: [],
    watches: new Set(),
    faults: [],
    allowed: allowedByRbac(),
    refusals: [],
    requests: [],
  };
  const server = createServer({ cert, key }, (request, response) => answer(state, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `https://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const tokenFile = join(folder, 'token');
  const kubeconfig = join(folder, 'kubeconfig');
  const writeToken = () => writeFileSync(tokenFile, state.token);
  writeToken();
  writeFileSync(kubeconfig, kubeconfigText({ url, ca, tokenFile }));
  return {
    ...controlsOf(state),
    url,
    kubeconfig,
    refusals: state.refusals,
    requests: state.requests,
    newToken(written) {
      state.token = `token-${state.version}-${Math.random()}`;
      if (written) writeToken();
    },
    writeToken,
    trustOnly(other) {
      const authority = /certificate-authority-data: .*/;
      const [theirs = ''] = authority.exec(readFileSync(other.kubeconfig, 'utf8')) ?? [];
      writeFileSync(kubeconfig, readFileSync(kubeconfig, 'utf8').replace(authority, theirs));
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}

function kubeconfigText({ url, ca, tokenFile }: { url: string; ca: string; tokenFile: string }): string {
  const cluster = { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'double', cluster }],
    users: [{ name: 'reader', user: { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } } }],
    contexts: [{ name: 'double', context: { cluster: 'double', user: 'reader' } }],
    'current-context': 'double',
  });
}

function controlsOf(state: State) {
  const of = (resource: ResourceName) => {
    const objects = state.objects.get(resource) ?? new Map<string, KubernetesObject>();
    state.objects.set(resource, objects);
    return objects;
  };
  const stamped = (object: KubernetesObject): KubernetesObject => {
    state.version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(state.version) } };
  };
  const happened = (change: Omit<Change, 'version'>) => {
    state.changes.push({ ...change, version: state.version });
    for (const watch of state.watches) if (watch.resource === change.resource) write(watch.response, change);
  };
  return {
    watching: () => state.watches.size,
    put(resource: ResourceName, given: KubernetesObject) {
      const object = stamped(given);
      const type = of(resource).has(object.metadata.uid) ? 'MODIFIED' : 'ADDED';
      of(resource).set(object.metadata.uid, object);
      happened({ resource, type, object });
    },
    remove(resource: ResourceName, uid: string) {
      const object = of(resource).get(uid);
      if (!object || !of(resource).delete(uid)) throw new Error(`no ${resource} ${uid}`);
      happened({ resource, type: 'DELETED', object: stamped(object) });
    },
    vanish: (resource: ResourceName, uid: string) => void of(resource).delete(uid),
    bookmark() {
      state.version += 1;
      const object = { metadata: { uid: '', name: '', resourceVersion: String(state.version) } };
      for (const { response } of state.watches) response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
    },
    compact: () => void (state.compactedAt = state.version += 1),
    breakOff() {
      for (const { response } of state.watches) {
        response.write('{"type":"MODIFIED","object":{"metadata":{"uid":"half');
        setImmediate(() => response.destroy());
      }
      state.watches.clear();
    },
    endWatches() {
      for (const { response } of state.watches) response.end();
      state.watches.clear();
    },
    garble(resource: ResourceName) {
      for (const watch of state.watches) if (watch.resource === resource) watch.response.write('<html>Bad gateway\n');
    },
    fail: (resource: ResourceName | '*', status: number, times: number) =>
      void state.faults.push({ resource, status, times }),
    heal: () => void state.faults.splice(0),
    forbid(resource: ResourceName) {
      for (const rule of state.allowed) if (rule.endsWith(`/${resource}`)) state.allowed.delete(rule);
    },
  };
}

function write(response: ServerResponse, { type, object }: Pick<Change, 'type' | 'object'>): void {
  response.write(`${JSON.stringify({ type, object })}\n`);
}

function answer(state: State, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'https://double');
  const resource = resourceOf(url.pathname);
  const verb = url.searchParams.get('watch') === 'true' ? 'watch' : 'list';
  const fault = state.faults.find((one) => one.times > 0 && (one.resource === '*' || one.resource === resource));
  if (request.headers.authorization !== `Bearer ${state.token}`) return refuse(response, 401, 'Unauthorized');
  if (resource === undefined || request.method !== 'GET' || !state.allowed.has(ruleOf(verb, resource))) {
    state.refusals.push(`${request.method} ${url.pathname}`);
    return refuse(response, 403, `${url.pathname} is forbidden`);
  }
  if (fault) {
    fault.times -= 1;
    return refuse(response, fault.status, 'a fault');
  }
  state.requests.push(`${verb} ${resource}`);
  if (verb === 'watch') watch(state, { resource, url, response });
  else list(state, { resource, url, response });
}

interface Asked {
  readonly resource: ResourceName;
  readonly url: URL;
  readonly response: ServerResponse;
}

function watch(state: State, { resource, url, response }: Asked): void {
  const from = Number(url.searchParams.get('resourceVersion'));
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  if (from < state.compactedAt) {
    const status = { kind: 'Status', code: 410, message: 'too old resource version', metadata: {} };
    response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
    return;
  }
  for (const change of state.changes) {
    if (change.resource === resource && change.version > from) write(response, change);
  }
  const open = { resource, response };
  state.watches.add(open);
  response.on('close', () => state.watches.delete(open));
}

/** Pages of one version: the token to continue names it, and is gone once that version is forgotten. */
function list(state: State, { resource, url, response }: Asked): void {
  const limit = Number(url.searchParams.get('limit') ?? 0) || Number.MAX_SAFE_INTEGER;
  const [version = state.version, first = 0] = (url.searchParams.get('continue') ?? '')
    .split('.')
    .filter(Boolean)
    .map(Number);
  if (version < state.compactedAt) return refuse(response, 410, 'the continue token is too old');
  const all = [...(state.objects.get(resource)?.values() ?? [])];
  const items = all.slice(first, first + limit);
  const next = first + limit < all.length ? `${version}.${first + limit}` : undefined;
  const metadata = { resourceVersion: String(version), ...(next ? { continue: next } : {}) };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ kind: 'List', metadata, items }));
}

function refuse(response: ServerResponse, code: number, message: string): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ kind: 'Status', status: 'Failure', code, message }));
}

function resourceOf(path: string): ResourceName | undefined {
  return RESOURCES.find((name) => RESOURCE_PATHS[name] === path);
}

const RESOURCES = [
  'nodes',
  'pods',
  'persistentvolumeclaims',
  'persistentvolumes',
  'services',
  'namespaces',
  'replicasets',
  'jobs',
] as const;

function ruleOf(verb: string, resource: ResourceName): string {
  const group = /^\/apis\/([^/]+)\//.exec(RESOURCE_PATHS[resource])?.[1] ?? '';
  return `${verb} ${group}/${resource}`;
}
