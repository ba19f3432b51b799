import type { FastifyRequest } from 'fastify';
import type { Config } from '../../config/schema.ts';
import { AppError } from '../../lib/errors.ts';

/** What the upstream said, for the sender: its own word on a body that is durable here already. */
export interface ForwardedReply {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: Buffer;
}

/** Passes a body on; `null` where there is nobody to pass it to. Throws `upstream_unavailable`. */
export type Forward = (request: FastifyRequest, body: Buffer, signal: AbortSignal) => Promise<ForwardedReply | null>;

/** Headers that say what the body is and whose; never a credential of ours. */
const PASSED_ON = [
  'content-type',
  'content-encoding',
  'user-agent',
  'x-prometheus-remote-write-version',
  'cloud-account-id',
] as const;
const REPLY_BYTES_MAX = 64 * 1_024;

/** As `remoteWrite.forward` says: the untouched body, with `Cloud-Account-Id` as Thanos Receive's tenant header. */
export function createForward({ url, timeoutMs, concurrentMax }: Config['remoteWrite']['forward']): Forward {
  let underWay = 0;
  return async (request, body, signal) => {
    if (url === undefined) return null;
    if (underWay >= concurrentMax) {
      throw new AppError('upstream_unavailable', `cannot pass the body on: ${underWay} are on their way already`);
    }
    underWay += 1;
    try {
      return await pass(url, request, { body, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
    } catch (cause) {
      throw new AppError('upstream_unavailable', 'cannot pass the body on: the upstream did not answer', { cause });
    } finally {
      underWay -= 1;
    }
  };
}

async function pass(
  url: string,
  { headers }: FastifyRequest,
  { body, signal }: { readonly body: Buffer; readonly signal: AbortSignal },
): Promise<ForwardedReply> {
  const told = PASSED_ON.map((name) => [name, headers[name]] as const);
  const response = await fetch(url, {
    method: 'POST',
    headers: Object.fromEntries(
      told.filter((pair): pair is [(typeof PASSED_ON)[number], string] => typeof pair[1] === 'string'),
    ),
    body: new Uint8Array(body),
    redirect: 'manual',
    signal,
  });
  return { status: response.status, contentType: response.headers.get('content-type'), body: await startOf(response) };
}

/** The start of an answer; the rest is not read. */
async function startOf({ body }: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= REPLY_BYTES_MAX) break;
  }
  return Buffer.concat(chunks).subarray(0, REPLY_BYTES_MAX);
}
