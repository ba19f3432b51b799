import type { z } from 'zod';
import type { Scope } from './fields.ts';

/**
 * One route as the world sees it. The server takes its validation, its documentation and its access rule from here, the
 * client and the web their types; `http/route.ts` is the one adapter.
 *
 * Every route says who may call it: whoever holds a key with `scope`, or everybody, for the reason given in `open`.
 */
export type RouteContract = RouteShape & Access;

export type Access = ScopedAccess | OpenAccess;

interface OpenAccess {
  readonly open: string;
  /** But whoever asks with this query parameter needs a key of this scope. */
  readonly keyed?: { readonly query: string; readonly scope: Scope };
  readonly scope?: never;
  readonly orScope?: never;
  readonly anonymous?: never;
}

interface ScopedAccess {
  readonly scope: Scope;
  /** Another scope that will do. */
  readonly orScope?: Scope;
  /** Or whoever comes without a key, where the configuration names a tenant for those. */
  readonly anonymous?: 'uploads';
  readonly open?: never;
  readonly keyed?: never;
}

interface RouteShape {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path with `:name` parameters. */
  readonly url: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  /** Strict: a parameter that is not known is refused by name, so that a misspelt filter never widens an answer. */
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** The body where its source checks it, row by row and much faster; here for the documentation. */
  readonly sourceBody?: z.ZodType;
  /** Media type of the body; JSON when not given. */
  readonly consumes?: string;
  readonly reply: z.ZodType;
  /** Status of the usual reply; 200 when not given. */
  readonly status?: number;
  /** Other statuses that carry the same reply, and what they mean. */
  readonly otherStatuses?: Readonly<Record<number, string>>;
  /** Media type of the reply; JSON when not given. */
  readonly produces?: string;
  /** Media types of other formats that a caller may ask for. */
  readonly alsoProduces?: readonly string[];
}

export function defineRoute<const C extends RouteContract>(contract: C): C {
  return contract;
}
