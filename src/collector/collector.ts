import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config/schema.ts';
import { MINUTE_MS, SECOND_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { HttpClient } from './http-client.ts';
import { fetchInstanceId } from './instance-metadata.ts';
import type { Kubelet } from './kubelet.ts';
import { fetchNodeFacts, instanceIdOf, type NodeFacts } from './node-facts.ts';
import { pack, recordOf } from './parcel.ts';
import { createPostMaker } from './post.ts';
import type { Surroundings } from './service.ts';
import type { Spool } from './spool.ts';
import type { Telemetry } from './telemetry.ts';

/** As configured, with the key as it is sent. */
export type CollectSettings = Omit<Config['collect'], 'apiKey'> & { readonly apiKey: string | undefined };

export interface CollectOptions {
  readonly settings: CollectSettings;
  readonly dataDir: string;
  /** The EC2 metadata service; another for tests. */
  readonly metadataService?: string;
}

/** How long what the API server said of the node is believed; half of it after a failure. */
const FACTS_MS = 10 * MINUTE_MS;

export interface CollectorDeps {
  readonly kubelet: Kubelet;
  readonly apiServer: HttpClient;
  readonly metadata: HttpClient;
  readonly spool: Spool;
  readonly telemetry: Telemetry;
}

/** Reads the kubelet at its pace, and keeps what it says in the spool. */
export class Collector {
  readonly #deps: CollectorDeps;
  readonly #options: Required<CollectOptions>;
  readonly #surroundings: Surroundings;
  readonly #stopping = new AbortController();
  readonly #failed = Promise.withResolvers<never>();
  readonly #makePost = createPostMaker();
  readonly #ended: Promise<void>;
  #instanceId: string | null = null;
  #facts: NodeFacts | null = null;
  #factsDueAt = 0;
  #failures = 0;
  #lastReadAt: number | null = null;

  constructor(deps: CollectorDeps, options: Required<CollectOptions>, surroundings: Surroundings) {
    this.#deps = deps;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#failed.promise.catch(() => {}); // whoever waits hears of it
    this.#ended = this.#run();
  }

  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  get lastReadAt(): number | null {
    return this.#lastReadAt;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { intervalSeconds, jitterPercent, instanceMetadata } = this.#options.settings;
    if (instanceMetadata) {
      const found = fetchInstanceId(this.#deps.metadata, this.#options.metadataService, signal);
      this.#instanceId = await found.catch(() => null);
    }
    while (!signal.aborted) {
      const startedAt = performance.now();
      await this.#readOnce(signal);
      const jitter = 1 + ((Math.random() * 2 - 1) * jitterPercent) / 100;
      const restMs = Math.max(0, intervalSeconds * SECOND_MS * jitter - (performance.now() - startedAt));
      await pause(restMs, undefined, { signal }).catch(() => {});
    }
  }

  async #readOnce(signal: AbortSignal): Promise<void> {
    const { telemetry, spool, kubelet } = this.#deps;
    const { clock, log } = this.#surroundings;
    try {
      const reading = await kubelet.read(signal);
      const now = clock.now();
      const { nodeName, clusterName } = this.#options.settings;
      const facts = await this.#nodeFacts(nodeName ?? reading.node, signal);
      const identity = {
        node: nodeName ?? null,
        hostname: hostname(),
        cluster: clusterName ?? null,
        instanceId: this.#instanceId ?? instanceIdOf(facts?.provider_id ?? ''),
        facts,
      };
      const body = await pack(JSON.stringify(this.#makePost(reading, identity, now)));
      await spool.append(recordOf({ kind: 'collector', body }));
      telemetry.add('kubetally_collect_scrapes_total', 1);
      this.#failures = 0;
      this.#lastReadAt = now;
      log.debug({ node: reading.node, pods: reading.pods.length, bytes: body.length }, 'read the kubelet');
    } catch (error) {
      if (!signal.aborted) this.#noteFailure(error);
    }
  }

  #noteFailure(error: unknown): void {
    const { consecutiveFailuresMax: max } = this.#options.settings;
    this.#failures += 1;
    this.#deps.telemetry.add('kubetally_collect_scrape_failures_total', 1);
    this.#surroundings.log.warn({ error, failures: this.#failures }, 'the kubelet was not read');
    if (max === 0 || this.#failures < max) return;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `cannot go on after ${this.#failures} failed readings of the kubelet in a row: ${reason}`;
    this.#failed.reject(new AppError('upstream_unavailable', message, { cause: error }));
    this.#stopping.abort();
  }

  /** The last that is known, where the API server does not tell now. */
  async #nodeFacts(node: string, signal: AbortSignal): Promise<NodeFacts | null> {
    const { settings } = this.#options;
    const { clock, log } = this.#surroundings;
    if (!settings.nodeFacts || clock.now() < this.#factsDueAt) return this.#facts;
    const source = { client: this.#deps.apiServer, apiServer: new URL(settings.apiServerUrl), node };
    try {
      this.#facts = await fetchNodeFacts({ ...source, tokenFile: settings.tokenFile }, signal);
      this.#factsDueAt = clock.now() + FACTS_MS;
    } catch (error) {
      signal.throwIfAborted();
      this.#factsDueAt = clock.now() + FACTS_MS / 2;
      log.warn({ error }, 'the API server did not tell of this node; its size and type are left out');
    }
    return this.#facts;
  }
}
