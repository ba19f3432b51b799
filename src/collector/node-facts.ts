import { readFile } from 'node:fs/promises';
import { AppError } from '../lib/errors.ts';
import type { HttpClient } from './http-client.ts';
import { fieldsOf, textOf } from './reading.ts';

/** What only the API server knows of a node, as the collectors' post carries it. */
export interface NodeFacts {
  readonly capacity: { readonly cpu?: string; readonly memory?: string };
  readonly instance_type: string;
  readonly region: string;
  readonly zone: string;
  readonly spot: boolean;
  readonly provider_id: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** How clouds and autoscalers mark what they may take back. */
const SPOT_LABELS: ReadonlyMap<string, string> = new Map([
  ['eks.amazonaws.com/capacityType', 'spot'],
  ['karpenter.sh/capacity-type', 'spot'],
  ['cloud.google.com/gke-spot', 'true'],
  ['cloud.google.com/gke-preemptible', 'true'],
  ['kubernetes.azure.com/scalesetpriority', 'spot'],
]);

/** Reads `Node` of the API server's core group. */
export function nodeFactsOf(body: unknown): NodeFacts {
  const { metadata, spec, status } = fieldsOf(body);
  const capacity = fieldsOf(fieldsOf(status)['capacity']);
  const [cpu, memory] = [textOf(capacity['cpu']), textOf(capacity['memory'])];
  const labels: Record<string, string> = {};
  for (const [key, value] of Object.entries(fieldsOf(fieldsOf(metadata)['labels']))) labels[key] = textOf(value);
  const label = (...keys: readonly string[]) =>
    keys.map((key) => labels[key] ?? '').find((value) => value !== '') ?? '';
  return {
    capacity: { ...(cpu === '' ? {} : { cpu }), ...(memory === '' ? {} : { memory }) },
    instance_type: label('node.kubernetes.io/instance-type', 'beta.kubernetes.io/instance-type'),
    region: label('topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region'),
    zone: label('topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'),
    spot: [...SPOT_LABELS].some(([key, value]) => labels[key]?.toLowerCase() === value),
    provider_id: textOf(fieldsOf(spec)['providerID']),
    labels,
  };
}

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
