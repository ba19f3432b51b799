/** What the two processes of the engine say to each other over their private channel. Secrets travel only here. */

/** Bounds of one engine. Bytes and milliseconds; every one is enforced in the engine's process. */
export interface EngineLimits {
  /** Memory of the engine for all its queries and caches together. */
  readonly memoryBytesMax: number;
  /** Memory of one query. */
  readonly queryMemoryBytesMax: number;
  /** Time of one query; a caller may ask for less, never for more. */
  readonly queryTimeoutMs: number;
  /** Statements that run at once; inserts with data have as many places of their own. */
  readonly concurrencyMax: number;
  /** Statements that may wait for a place, and for how long; beyond either they are refused with 503. */
  readonly waitingMax: number;
  readonly waitMs: number;
  /** The data of one insert, decompressed. It waits on disk, not in memory. */
  readonly insertBytesMax: number;
  /** One result, as the engine counts it before formatting. It waits on disk, not in memory. */
  readonly resultBytesMax: number;
}

export interface EngineUser {
  readonly name: string;
  readonly password: string;
  /** May only read tables: no writes, no files, no network. */
  readonly readOnly: boolean;
}

export interface StartMessage {
  readonly type: 'start';
  /** Absolute folder that this engine alone owns. */
  readonly dataDir: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly users: readonly EngineUser[];
  readonly limits: EngineLimits;
}

export interface StopMessage {
  readonly type: 'stop';
}

export type ParentMessage = StartMessage | StopMessage;

export type ChildMessage =
  | { readonly type: 'ready'; readonly port: number; readonly version: string }
  | { readonly type: 'failed'; readonly reason: string };
