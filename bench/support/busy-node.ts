import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DAY_MS } from '../../src/lib/clock.ts';
import { createFleet } from '../../src/sim/fleet.ts';
import { type KubeletSummary, kubeletSummary } from '../../src/sim/kubelet-summary.ts';
import { nodesAt } from '../../src/sim/snapshot.ts';

/** A kubelet over TLS with as many pods as a node may have, and a server that takes whatever is posted. */
export interface BusyNode {
  readonly kubeletUrl: string;
  readonly serverUrl: string;
  /** Posts that were taken. */
  readonly posts: number;
  close(): void;
}

const PODS_PER_NODE = 30;

/** `folder` is for a certificate, made with openssl. */
export async function startBusyNode(folder: string, pods: number): Promise<BusyNode> {
  const [keyFile, certFile] = [join(folder, 'kubelet.key'), join(folder, 'kubelet.crt')];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', keyFile, '-out', certFile, '-days', '2', '-subj', '/CN=kubelet'];
  execFileSync('openssl', [...request, ...files], { stdio: 'pipe' });
  const body = Buffer.from(JSON.stringify(busySummary(pods)));
  let posts = 0;
  const kubelet = createHttpsServer({ key: readFileSync(keyFile), cert: readFileSync(certFile) }, (_, response) => {
    response.end(body);
  });
  const server = createHttpServer((request, response) => {
    request.resume();
    request.on('end', () => {
      posts += 1;
      response.end('{"status":"ok"}');
    });
  });
  const url = async (listener: typeof kubelet | typeof server, protocol: string) => {
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return `${protocol}://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  };
  const [kubeletUrl, serverUrl] = [await url(kubelet, 'https'), await url(server, 'http')];
  return {
    kubeletUrl,
    serverUrl,
    get posts() {
      return posts;
    },
    close() {
      for (const listener of [kubelet, server]) {
        listener.close();
        listener.closeAllConnections();
      }
    },
  };
}

/** The pods of several nodes of a fleet as if they ran on one, each with a second container. */
export function busySummary(pods: number): KubeletSummary {
  const at = Date.now();
  const fleet = createFleet({ preset: 'bench', containers: pods + PODS_PER_NODE, seed: 1, start: at - DAY_MS });
  const [cluster] = fleet.clusters;
  if (!cluster) throw new Error('the fleet has no cluster');
  const names = cluster.slots.flatMap((slot) => nodesAt(slot, at).map(({ name }) => name));
  const all = names
    .map((node) => kubeletSummary(fleet, { cluster: cluster.name, node, at }))
    .filter((one) => one !== null);
  const [first] = all;
  if (!first) throw new Error('the fleet has no node');
  const twice = all
    .flatMap((summary) => summary.pods)
    .slice(0, pods)
    .map((pod) => ({
      ...pod,
      containers: pod.containers.flatMap((container) => [container, sidecarOf(container)]),
    }));
  return { ...first, pods: twice };
}

/** Uses some of what its neighbour does, so that no two rows are alike. */
function sidecarOf<T extends KubeletSummary['pods'][number]['containers'][number]>(container: T): T {
  const { name, cpu, memory } = container;
  const part = (amount: number) => Math.floor(amount / Math.PI);
  return {
    ...container,
    name: `${name}-proxy`,
    cpu: { ...cpu, usageNanoCores: part(cpu.usageNanoCores), usageCoreNanoSeconds: part(cpu.usageCoreNanoSeconds) },
    memory: { ...memory, workingSetBytes: part(memory.workingSetBytes) },
  };
}
