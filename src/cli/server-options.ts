import { type Command, Option } from 'commander';
import { z } from 'zod';
import { type Client, createClient } from '../client/client.ts';
import { AppError } from '../lib/errors.ts';

const ServerOptions = z.object({ server: z.string().optional(), key: z.string().optional() });

/** Adds `--server` and `--key`; read them with `clientOf`. */
export function withServer(command: Command): Command {
  return command
    .addOption(new Option('-s, --server <url>', 'address of a Kubetally server').env('KUBETALLY_SERVER'))
    .addOption(new Option('-k, --key <key_id:secret>', 'API key for the server').env('KUBETALLY_KEY'));
}

/** Undefined where no server is named. Throws `invalid_request` when it has no key. */
export function clientOf(options: unknown): Client | undefined {
  const { server, key } = ServerOptions.parse(options);
  if (server === undefined) return undefined;
  if (key === undefined) throw new AppError('invalid_request', 'a server needs a key: --key, or KUBETALLY_KEY');
  return createClient({ url: server, key });
}
