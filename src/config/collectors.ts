import { z } from 'zod';
import { bytes, headerSecret, httpUrl, secret, whole } from './fields.ts';

/** The settings of what runs in the clusters themselves. */

const name = z.string().trim().min(1).max(253);
const folderFile = z.string().trim().min(1).max(4_000);
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** `kubetally collect`: the collector of one node. */
export const Collect = z.strictObject({
  endpoint: httpUrl()
    .default('http://kubetally-agent:8080/metrics')
    .describe('`collect` posts here: an agent, or a server with the path /metrics.'),
  apiKey: headerSecret().optional().describe('API key (`key_id:secret`) to post with; an agent may need none.'),
  clusterName: name.optional().describe('Name of the cluster that posts carry; left out, the key or the agent says.'),
  nodeName: name.optional().describe('Name of the node; left out, what the kubelet says.'),
  intervalSeconds: whole(1, 3_600, 30).describe('Pause between two readings of the kubelet.'),
  jitterPercent: whole(0, 90, 20).describe(
    'How far a pause may be longer or shorter, so that nodes do not post together.',
  ),
  consecutiveFailuresMax: whole(0, 10_000, 5).describe(
    'After as many failed readings in a row `collect` ends with an error; 0 never. An absent server is no failure.',
  ),
  kubeletUrl: httpUrl().default('https://127.0.0.1:10250').describe('The kubelet of the node.'),
  kubeletCa: folderFile
    .default(`${SERVICE_ACCOUNT}/ca.crt`)
    .describe('Who signs the kubelet’s certificate (PEM file), and the API server’s.'),
  kubeletInsecure: z
    .boolean()
    .default(false)
    .describe('Take any certificate of the kubelet: for clusters where kubelets sign their own.'),
  tokenFile: folderFile.default(`${SERVICE_ACCOUNT}/token`).describe('Token of the service account; read at each use.'),
  apiServerUrl: httpUrl()
    .default('https://kubernetes.default.svc')
    .describe('The API server, asked for this node’s size, type and zone.'),
  nodeFacts: z.boolean().default(true).describe('Ask the API server about the node. Needs "get" on nodes.'),
  instanceMetadata: z.boolean().default(true).describe('Ask the EC2 metadata service for the id of the machine.'),
  host: name.default('0.0.0.0').describe('Address of its own GET /healthz and /metrics.'),
  port: z.int().min(0).max(65_535).default(9_106).describe('Port of these; 0 takes a free one.'),
  spoolBytesMax: bytes({ min: 2 ** 20, max: 2 ** 40, standard: '256MiB' }).describe(
    'Disk for what is not delivered yet (in `dataDir`); then the oldest is dropped.',
  ),
});

/** `kubetally agent`: one to a cluster. */
export const Agent = z.strictObject({
  serverUrl: httpUrl().optional().describe('`agent` forwards to this server; required there.'),
  apiKey: headerSecret().optional().describe('API key (`key_id:secret`) with the scope ingest; required there.'),
  clusterName: name.optional().describe('Name of this cluster, for posts that name none.'),
  collectorKey: secret(8).optional().describe('What collectors must send as their key; left out, none is asked for.'),
  host: name.default('0.0.0.0').describe('Address for collectors, GET /health and GET /metrics.'),
  port: z.int().min(0).max(65_535).default(8_080).describe('Port of these; 0 takes a free one.'),
  inFlightMax: whole(1, 256, 64).describe('Requests to the server at once.'),
  watchKubernetes: z.boolean().default(true).describe('Watch the Kubernetes API for pods, nodes and volumes.'),
  kubeconfig: folderFile.optional().describe('A kubeconfig file; left out, the service account of the pod.'),
  spoolBytesMax: bytes({ min: 2 ** 20, max: 2 ** 42, standard: '1GiB' }).describe(
    'Disk for what is not delivered yet (in `dataDir`); then the oldest is dropped.',
  ),
});
