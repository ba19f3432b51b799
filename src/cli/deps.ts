import type { KeyAdmin } from '../access/key-admin.ts';
import type { TenantAdmin } from '../access/tenant-admin.ts';
import type { Config } from '../config/schema.ts';
import type { DemoServer } from '../demo/demo.ts';
import type { Clock } from '../lib/clock.ts';
import type { CostQueries } from '../queries/cost-queries.ts';
import type { NodeQueries } from '../queries/node-queries.ts';

/** What the verbs need of the rest of the product; the composition root gives it to them. */
export interface CliDeps {
  readonly io: Io;
  readonly clock: Clock;
  /** Opens this machine's relational store, migrated. */
  openAdministration(config: Config): Promise<Administration>;
  /** Opens this machine's stores to ask about costs and nodes. */
  openCosts(config: Config): Promise<LocalCosts>;
  /** Brings both stores to this program's version; the numbers of what was applied. */
  migrate(config: Config): Promise<{ relational: readonly number[]; columnar: readonly number[] }>;
  /** Resolves when requests are answered. */
  serve(config: Config): Promise<RunningServer>;
  /** The same, as the demo needs it: with its keys at hand. */
  serveDemo(config: Config): Promise<RunningServer & DemoServer>;
  /** The collector of one node. The process may become another program; where not, it resolves when it has begun. */
  collect(config: Config): Promise<RunningService>;
  /** The agent of one cluster. Resolves when it takes posts. */
  agent(config: Config): Promise<RunningService>;
  /** Resolves at the first wish to stop (SIGTERM, SIGINT). */
  stopWish(): Promise<void>;
}

/** Where a verb's words go. */
export interface Io {
  /** What was asked for: to be read, piped or kept. */
  out(text: string): void;
  /** What a person should know beside it. */
  err(text: string): void;
  /** Whether `out` goes to a terminal that shows colours. */
  readonly color: boolean;
}

export interface TenantFinder {
  /** Undefined when there is no tenant of this name. */
  findTenant(name: string): Promise<{ id: string; name: string } | undefined>;
}

export interface Administration extends TenantFinder {
  readonly tenants: TenantAdmin;
  readonly keys: KeyAdmin;
  close(): Promise<void>;
}

export interface LocalCosts extends TenantFinder {
  readonly costs: CostQueries;
  readonly nodes: NodeQueries;
  close(): Promise<void>;
}

export interface RunningServer {
  readonly url: string;
  /** Answers what is under way, writes what was accepted, then ends. */
  close(): Promise<void>;
}

/** What runs in a cluster until it is closed, or can go on no longer. */
export interface RunningService {
  readonly url: string;
  /** Rejects when it can go on no longer. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}
