import { readFile } from 'node:fs/promises';
import { gpuShareOf } from '../core/gpu.ts';
import { AppError } from '../lib/errors.ts';
import { nodeSample } from '../sources/kubernetes/node-sample.ts';
import type { HttpClient } from './http-client.ts';
import { fieldsOf, textOf } from './reading.ts';

/** What only the API server knows of a node, as the collectors' post carries it. */
export interface NodeFacts {
  /** `cpu`, `memory`, and GPUs by the names of their resources. */
  readonly capacity: Readonly<Record<string, string>>;
  readonly instance_type: string;
  readonly region: string;
  readonly zone: string;
  readonly spot: boolean;
  readonly provider_id: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Reads a `Node` of the API server; what it does not say is left out. */
export function nodeFactsOf(body: unknown): NodeFacts {
  const { metadata, spec, status } = fieldsOf(body);
  const capacity = fieldsOf(fieldsOf(status)['capacity']);
  const told = Object.entries(capacity)
    .filter(([resource]) => resource === 'cpu' || resource === 'memory' || gpuShareOf(resource) !== null)
    .map(([resource, quantity]) => [resource, textOf(quantity)] as const)
    .filter(([, quantity]) => quantity !== '');
  const texts = Object.entries(fieldsOf(fieldsOf(metadata)['labels'])).map(
    ([key, value]) => [key, textOf(value)] as const,
  );
  const node = nodeSample(
    { ...UNKNOWN, providerId: textOf(fieldsOf(spec)['providerID']), labels: Object.fromEntries(texts) },
    0,
  );
  return {
    capacity: Object.fromEntries(told),
    instance_type: node.instanceType,
    region: node.region,
    zone: node.zone,
    spot: node.spot,
    provider_id: node.providerId,
    labels: node.labels,
  };
}

/** The watches' own reader of nodes would bring a library that a node's collector has no memory for. */
const UNKNOWN = {
  uid: '',
  name: '',
  createdAt: 0,
  clusterName: '',
  cpuCapacity: null,
  memoryCapacity: null,
  gpuCapacity: null,
};

export interface NodeFactsSource {
  readonly client: Pick<HttpClient, 'send'>;
  readonly apiServer: URL;
  readonly node: string;
  readonly tokenFile: string;
}

/** Asks the API server. Throws `upstream_unavailable` or `upstream_refused`. */
export async function fetchNodeFacts(source: NodeFactsSource, signal: AbortSignal): Promise<NodeFacts> {
  const url = new URL(`/api/v1/nodes/${encodeURIComponent(source.node)}`, source.apiServer);
  const headers = await authorization(source.tokenFile);
  const { status, body } = await source.client.send({ method: 'GET', url, headers }, signal);
  if (status !== 200) throw new AppError('upstream_refused', `the API server does not tell of this node: ${status}`);
  return nodeFactsOf(parsed(body));
}

/** Read anew each time: kubelets renew the token of a service account about hourly. */
export async function authorization(tokenFile: string): Promise<Record<string, string>> {
  try {
    return { authorization: `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}` };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new AppError('upstream_refused', `cannot read the service account's token: ${tokenFile}`, { cause: error });
  }
}

/** Throws `upstream_refused` where the body is no JSON. */
export function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new AppError('upstream_refused', 'cannot read the answer: it is no JSON', { cause });
  }
}

/** AWS's name of the machine at the end of `aws:///us-east-1a/i-0123`; null for other clouds. */
export function instanceIdOf(providerId: string): string | null {
  return /^aws:\/\/\/[^/]*\/(i-[0-9a-f]+)$/.exec(providerId)?.[1] ?? null;
}
