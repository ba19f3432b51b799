import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { EngineUser } from '../messages.ts';
import { exception } from './exception.ts';

/** The user a request proves to be, from the headers or arguments that ClickHouse takes; else throws 401 or 403. */
export function authenticate(req: IncomingMessage, args: URLSearchParams, users: readonly EngineUser[]): EngineUser {
  const { name, password } = credentials(req, args);
  if (password === undefined) {
    throw exception('requiredPassword', `${name}: Authentication failed: a password is required`);
  }
  let found: EngineUser | undefined;
  // Every user is compared in full, so that the time says nothing of names or passwords.
  for (const user of users) {
    const same = equal(user.password, password);
    if (equal(user.name, name) && same) found = user;
  }
  if (!found) {
    const words = 'Authentication failed: password is incorrect, or there is no user with such name';
    throw exception('authenticationFailed', `${name.slice(0, 64)}: ${words}`);
  }
  return found;
}

function credentials(req: IncomingMessage, args: URLSearchParams): { name: string; password: string | undefined } {
  const headerUser = req.headers['x-clickhouse-user'];
  if (headerUser !== undefined) return { name: String(headerUser), password: text(req.headers['x-clickhouse-key']) };
  const basic = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(req.headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const [name = '', ...rest] = Buffer.from(basic, 'base64').toString().split(':');
    return { name, password: rest.join(':') };
  }
  return { name: args.get('user') ?? 'default', password: args.get('password') ?? undefined };
}

function text(header: string | string[] | undefined): string | undefined {
  return header === undefined ? undefined : String(header);
}

function equal(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}
