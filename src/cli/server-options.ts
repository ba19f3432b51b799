import { type Command, Option } from 'commander';
import { z } from 'zod';
import { type Client, createClient } from '../client/client.ts';
import { AppError } from '../lib/errors.ts';

const ServerOptions = z.object({ server: z.string().optional(), key: z.string().optional() });

/** Options of `withConfig`: who gives one means this machine. */
const PLACES_HERE = ['config', 'data'] as const;

/** Adds `--server` and `--key`; read them with `clientOf`. */
export function withServer(command: Command): Command {
  return command
    .addOption(new Option('-s, --server <url>', 'address of a Kubetally server').env('KUBETALLY_SERVER'))
    .addOption(new Option('-k, --key <key_id:secret>', 'API key for the server').env('KUBETALLY_KEY'));
}

/**
 * Undefined where this machine is asked: no server is named, or one in the environment alone while the command line names
 * what is on this machine. Throws `invalid_request` where the command line names both, or the server has no key.
 */
export function clientOf(command: Command): Client | undefined {
  const { server, key } = ServerOptions.parse(command.opts());
  if (server === undefined) return undefined;
  const here = PLACES_HERE.filter((name) => command.getOptionValueSource(name) === 'cli').map((name) => `--${name}`);
  if (here.length > 0) {
    if (command.getOptionValueSource('server') === 'env') return undefined;
    const places = here.join(' and ');
    throw new AppError('invalid_request', `--server asks a server, ${places} this machine: only one can be asked`);
  }
  if (key === undefined) throw new AppError('invalid_request', 'a server needs a key: --key, or KUBETALLY_KEY');
  return createClient({ url: server, key });
}
