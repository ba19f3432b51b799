import type { HttpClient } from './http-client.ts';

/** Where a virtual machine of AWS asks who it is. */
export const METADATA_SERVICE = 'http://169.254.169.254';
const INSTANCE_ID = /^i-[0-9a-f]{8,32}$/;
const TOKEN_SECONDS = '60';

/**
 * The EC2 instance id of this machine: by IMDSv2, else by version 1; null where neither answers, as on any other cloud.
 * The client's timeout should be short: off AWS nothing answers at all.
 */
export async function fetchInstanceId(
  client: Pick<HttpClient, 'send'>,
  service: string,
  signal: AbortSignal,
): Promise<string | null> {
  const token = await ask(
    client,
    {
      method: 'PUT',
      url: new URL('/latest/api/token', service),
      headers: {
        'x-aws-ec2-metadata-token-ttl-seconds': TOKEN_SECONDS,
      },
    },
    signal,
  );
  const headers: Record<string, string> = token === null ? {} : { 'x-aws-ec2-metadata-token': token };
  const id = await ask(
    client,
    { method: 'GET', url: new URL('/latest/meta-data/instance-id', service), headers },
    signal,
  );
  return id !== null && INSTANCE_ID.test(id) ? id : null;
}

type Request = Parameters<HttpClient['send']>[0];

async function ask(client: Pick<HttpClient, 'send'>, request: Request, signal: AbortSignal): Promise<string | null> {
  try {
    const { status, body } = await client.send(request, signal);
    return status === 200 ? body.toString().trim() : null;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}
