import type { ExchangeRate } from '../../src/core/currency.ts';
import type { ResourceCounts } from '../../src/core/gpu.ts';
import { SOURCES, type SourceName } from '../../src/core/samples.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/lib/clock.ts';
import { parseMoney } from '../../src/lib/money.ts';
import { parseBytes, parseNanocores } from '../../src/lib/quantity.ts';
import { type Book, exchangeRate } from './case-prices.ts';

/**
 * A golden case: a small cluster in plain text, and what it must cost. Read by people who know costs and not TypeScript.
 *
 *   every 60s                                posts of the source that follows
 *   over 2026-01-01T00:00Z 2h                the window
 *   book cpu=0.10 ram=0 [spot.cpu= spot.ram= storage=] [from=1h]   $/core-hour and $/GiB-hour; `later book`: added when hours are computed
 *        [gpu= zone= region= internet= management=] [storage.<class>=]   $/GPU-hour, $/GiB sent there, $/hour of the cluster, of a storage class
 *   rule [node= type= region= pool= spot=yes label.<name>=] [price= | cpu= ram=] [gpu=] [off=30% of=book]   of the book above: nodes that cost otherwise
 *   exchange EUR 0.90 [from=24h]             what a dollar is, from that day on
 *   cluster east                             what follows is in this cluster (golden, when none is named)
 *   source agent                             what follows is seen by this source (agent, when none is named)
 *   node n1 [cpu=4 ram=16Gi] [gpu=2] [price=0.40] [spot] [type= region= pool= label.<name>=] [from= to=]
 *   pod ns/name on=n1 [container= uid= phase=] [cpu.request= cpu.used= ram.request= ram.used=] [from= to=] [knows=start,end] [mounts=claim,claim]
 *       [gpu.request= gpu.used=]             GPUs: 2, 0.25, or slices of one: nvidia.com/mig-3g.20gb:1
 *       [sends.zone= sends.region= sends.internet=]   bytes from one post to the next
 *   volume ns/claim [capacity=10Gi request=10Gi] [class=ssd] [unbound] [from= to=]   mounted by the pods that say so
 *   balancer ns/service [price=0.02] [from= to=]
 *   namespace ns <label>=<value> …           what the namespace says of itself
 *   service ns/name <label>=<value> …        stands before the pods of its namespace that have all of these labels
 *   silence 1h15m 1h45m                      no post arrives in this span
 *   deliver 3 shuffled                       every post arrives so often, in any order
 *   expect advice                            which requests to set, and what a month of it saves; or why there is no advice
 *   expect resources                         what else a namespace pays for (ns gpu|zone|region|internet cost); all of it, and nothing more
 *   expect in EUR 0.54                       all namespaces together in another currency
 *   expect management 0.10                   the fee for managing the cluster
 *   expect allocations aggregate=pod&idle=share   rows of /v1/allocations that was asked so, and what each costs in all
 *   expect namespaces / total / coverage / sources / pods / volumes (ns/claim pod cost) / balancers (ns/service cost)
 */
export interface GoldenCase {
  readonly startMs: number;
  readonly endMs: number;
  readonly views: readonly View[];
  readonly books: readonly Book[];
  /** By currency. */
  readonly exchange: ReadonlyMap<string, readonly ExchangeRate[]>;
  readonly silences: readonly Span[];
  readonly deliveries: number;
  readonly expected: Expected;
}

/** What one source sees of one cluster. */
export interface View {
  readonly cluster: string;
  readonly source: SourceName;
  readonly nodes: GoldenThing[];
  readonly pods: GoldenThing[];
  readonly volumes: GoldenThing[];
  readonly balancers: GoldenThing[];
  /** Their values are labels. */
  readonly namespaces: GoldenThing[];
  readonly services: GoldenThing[];
  everyMs: number;
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface GoldenThing extends Span {
  readonly name: string;
  readonly values: ReadonlyMap<string, string>;
}

export interface Expected {
  readonly namespaces: Map<string, string>;
  /** Cost by `ns/claim pod`. */
  readonly volumes: Map<string, string>;
  readonly balancers: Map<string, string>;
  /** Costs of rows by what was asked. */
  readonly allocations: Map<string, Map<string, string>>;
  /** Monthly savings by `ns/workload cpu=… ram=…`. */
  readonly advice: Map<string, string>;
  /** Cost by `ns resource`. */
  readonly resources: Map<string, string>;
  readonly pods: Map<string, number>;
  management?: string;
  /** Currency -> total. */
  readonly totalsIn: Map<string, string>;
  total?: string;
  coverage?: number;
  sources?: string;
}

/** What is expected as indented lines that end in a cost. */
const TABLES = ['namespaces', 'volumes', 'balancers', 'resources', 'advice'] as const;

const UNITS_MS: Readonly<Record<string, number>> = { h: HOUR_MS, m: MINUTE_MS, s: SECOND_MS };

/** Reads a case; throws an error that names the line for anything it does not know. */
export function parseCase(text: string): GoldenCase {
  const reader = new CaseReader();
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/#.*/, '').trimEnd();
    if (line.trim() === '') continue;
    try {
      reader.line(line);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`line ${index + 1}, "${line}": ${reason}`, { cause: error });
    }
  }
  return reader.finish();
}

class CaseReader {
  readonly #views: View[] = [];
  readonly #books: Book[] = [];
  readonly #exchange = new Map<string, ExchangeRate[]>();
  readonly #silences: Span[] = [];
  readonly #expected: Expected = {
    namespaces: new Map(),
    volumes: new Map(),
    balancers: new Map(),
    allocations: new Map(),
    advice: new Map(),
    resources: new Map(),
    totalsIn: new Map(),
    pods: new Map(),
  };
  #startMs = Number.NaN;
  #lengthMs = Number.NaN;
  #deliveries = 1;
  #everyMs = MINUTE_MS;
  #cluster = 'golden';
  /** Where indented lines go. */
  #costs: Map<string, string> | null = null;

  line(line: string): void {
    const words = line.trim().split(/\s+/);
    if (line.startsWith(' ') && this.#costs) {
      const cost = words.at(-1) ?? '';
      parseMoney(cost);
      this.#costs.set(words.slice(0, -1).join(' '), cost);
      return;
    }
    this.#costs = null;
    const [keyword = '', ...rest] = words;
    this.#statement(keyword, rest);
  }

  #statement(keyword: string, rest: string[]): void {
    switch (keyword) {
      case 'every':
        this.#everyMs = duration(rest[0]);
        if (this.#views.length > 0) this.#view().everyMs = this.#everyMs;
        return;
      case 'over':
        this.#startMs = Date.parse(rest[0] ?? '');
        this.#lengthMs = duration(rest[1]);
        return;
      case 'source':
        this.#see(sourceName(rest[0]));
        return;
      case 'cluster':
        this.#cluster = rest[0] ?? '';
        this.#see('agent');
        return;
      case 'book':
        this.#books.push(this.#book(rest, false));
        return;
      case 'later':
        this.#books.push(this.#book(rest.slice(1), true));
        return;
      case 'rule':
        this.#lastBook().rules.push(pairs(rest));
        return;
      case 'exchange':
        this.#addExchange(rest);
        return;
      case 'node':
        this.#view().nodes.push(this.#thing(rest));
        return;
      case 'pod':
        this.#view().pods.push(this.#thing(rest));
        return;
      case 'volume':
        this.#view().volumes.push(this.#thing(rest));
        return;
      case 'balancer':
        this.#view().balancers.push(this.#thing(rest));
        return;
      case 'namespace':
        this.#view().namespaces.push(this.#thing(rest));
        return;
      case 'service':
        this.#view().services.push(this.#thing(rest));
        return;
      case 'silence':
        this.#silences.push({ fromMs: this.#startMs + duration(rest[0]), toMs: this.#startMs + duration(rest[1]) });
        return;
      case 'deliver':
        this.#deliveries = Number(rest[0]);
        return;
      case 'expect':
        this.#expect(rest);
        return;
      default:
        throw new Error(`unknown word "${keyword}"`);
    }
  }

  #expect([what, ...rest]: string[]): void {
    const table = TABLES.find((name) => name === what);
    if (table) this.#costs = this.#expected[table];
    else if (what === 'allocations') this.#costs = this.#answer(rest[0] ?? '');
    else if (what === 'in') this.#expected.totalsIn.set(rest[0] ?? '', rest[1] ?? '');
    else if (what === 'management') this.#expected.management = rest[0] ?? '';
    else if (what === 'total') this.#expected.total = rest[0] ?? '';
    else if (what === 'coverage') this.#expected.coverage = Number(rest[0]);
    else if (what === 'sources') this.#expected.sources = rest.join(' ');
    else if (what === 'pods') this.#expected.pods.set(rest[0] ?? '', Number(rest[1]));
    else throw new Error(`cannot expect "${what}"`);
  }

  #answer(query: string): Map<string, string> {
    const costs = new Map<string, string>();
    this.#expected.allocations.set(query, costs);
    return costs;
  }

  #view(): View {
    const last = this.#views.at(-1);
    return last ?? this.#see('agent');
  }

  #see(source: SourceName): View {
    const view: View = { ...nothingSeen(), cluster: this.#cluster, source, everyMs: this.#everyMs };
    this.#views.push(view);
    return view;
  }

  #book(words: string[], later: boolean): Book {
    const values = pairs(words);
    return { later, fromMs: this.#startMs + duration(values.get('from') ?? '0s'), values, rules: [] };
  }

  #lastBook(): Book {
    const last = this.#books.at(-1);
    if (last) return last;
    throw new Error('no "book" line before it');
  }

  #addExchange([currency = '', perUsd = '', ...words]: string[]): void {
    const fromMs = this.#startMs + duration(pairs(words).get('from') ?? '0s');
    this.#exchange.set(currency, [...(this.#exchange.get(currency) ?? []), exchangeRate(perUsd, fromMs)]);
  }

  #thing([name = '', ...words]: string[]): GoldenThing {
    const values = pairs(words);
    const at = (key: string, otherwise: number) => {
      const text = values.get(key);
      return text === undefined ? otherwise : this.#startMs + duration(text);
    };
    return { name, values, fromMs: at('from', this.#startMs), toMs: at('to', this.#startMs + this.#lengthMs) };
  }

  finish(): GoldenCase {
    if (!(this.#lengthMs > 0)) throw new Error('no "over" line');
    return {
      startMs: this.#startMs,
      endMs: this.#startMs + this.#lengthMs,
      views: this.#views,
      books: this.#books,
      exchange: this.#exchange,
      silences: this.#silences,
      deliveries: this.#deliveries,
      expected: this.#expected,
    };
  }
}

function nothingSeen(): Omit<View, 'cluster' | 'source' | 'everyMs'> {
  return { nodes: [], pods: [], volumes: [], balancers: [], namespaces: [], services: [] };
}

export function nanocores(text: string | undefined): number | null {
  return text === undefined ? null : parseNanocores(text);
}

/** Nano-GPUs of `0.5`, or of a resource by its name and how many of it (`nvidia.com/mig-1g.5gb:2`). */
export function nanoGpus(text: string | undefined, countOf: (counts: ResourceCounts) => number | null): number | null {
  if (text === undefined) return null;
  const [resource = '', count] = text.split(':');
  return count === undefined ? parseNanocores(text) : countOf({ [resource]: count });
}

export function bytes(text: string | undefined): number | null {
  return text === undefined ? null : parseBytes(text);
}

function pairs(words: readonly string[]): Map<string, string> {
  return new Map(
    words.map((word) => {
      const [key = '', value = 'true'] = word.split('=');
      return [key, value] as const;
    }),
  );
}

function duration(text: string | undefined): number {
  const parts = [...(text ?? '').matchAll(/(\d+)([hms])/g)];
  if (parts.length === 0) throw new Error(`"${text}" is no duration (1h30m, 90s)`);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS_MS[unit ?? ''] ?? Number.NaN), 0);
}

function sourceName(text: string | undefined): SourceName {
  const source = SOURCES.find((name) => name === text);
  if (source) return source;
  throw new Error(`"${text}" is no source`);
}
