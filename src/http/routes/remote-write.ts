import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Name } from '../../contracts/fields.ts';
import { postRemoteWrite } from '../../contracts/remote-write.ts';
import { AppError } from '../../lib/errors.ts';
import { refusedCount, type WriteCounts } from '../../sources/remote-write/outcome.ts';
import type { ServerDeps } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import { writeVersionOf } from '../remote-write/media-type.ts';
import { bytesOf, checkRefusals, createReceiveWrite, type ReceiveWrite } from '../remote-write/receive.ts';
import { type AddRoute, createRouteAdder } from '../route.ts';
import { addStorageWrite } from './storage-write.ts';

const CLUSTER_HEADER = 'x-kubetally-cluster';
const NOTHING_WRITTEN = { samples: 0, histograms: 0, exemplars: 0 };

/** The routes of remote write, in a corner of their own: a body of whatever type is bytes there. */
export async function registerRemoteWrite(app: FastifyInstance, deps: ServerDeps): Promise<void> {
  await app.register(async (corner) => {
    corner.removeAllContentTypeParsers();
    corner.addContentTypeParser('*', { parseAs: 'buffer' }, async (_: FastifyRequest, body: Buffer) => body);
    const receive = createReceiveWrite(deps);
    addRemoteWrite(createRouteAdder(corner, deps.settings.http), receive);
    await addStorageWrite(corner, receive, deps);
  });
}

/**
 * Prometheus remote write. What is left out on purpose (metrics that are not kept, stale markers, native histograms,
 * exemplars) counts as written: senders take whatever is not for a failure, and raise alerts.
 */
function addRemoteWrite(add: AddRoute, receive: ReceiveWrite): void {
  add(postRemoteWrite, async ({ body, request, reply, signal }) => {
    const version = writeVersionOf(request);
    const tell = ({ samples, histograms, exemplars }: Pick<WriteCounts, 'samples' | 'histograms' | 'exemplars'>) => {
      if (version === '1.0') return;
      reply
        .header('x-prometheus-remote-write-samples-written', samples)
        .header('x-prometheus-remote-write-histograms-written', histograms)
        .header('x-prometheus-remote-write-exemplars-written', exemplars);
    };
    tell(NOTHING_WRITTEN);
    const clusterName = clusterNameOf(request);
    const counts = await receive({
      body: bytesOf(body),
      version,
      principal: principalOf(request),
      clusterName,
      signal,
    });
    tell({ ...counts, samples: counts.samples - refusedCount(counts) });
    checkRefusals(counts, version);
    return undefined;
  });
}

function clusterNameOf({ headers }: FastifyRequest): string | null {
  const given = headers[CLUSTER_HEADER];
  if (given === undefined || given === '') return null;
  const name = Name.safeParse(given);
  if (name.success) return name.data;
  throw new AppError('invalid_request', 'cannot take X-Kubetally-Cluster: not a name of at most 253 characters');
}
