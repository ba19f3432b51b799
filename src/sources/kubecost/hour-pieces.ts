import type { HourFact } from '../../core/hour-facts.ts';
import type { NamespaceSample } from '../../core/samples.ts';
import { HOUR_MS } from '../../lib/clock.ts';
import type { Faults } from '../faults.ts';
import { isRow, type Row } from '../fields.ts';
import type { PulledPiece } from '../pull.ts';
import { type AllocationContext, readAllocation } from './allocation.ts';
import type { Found } from './allocation-scanner.ts';
import type { KubecostLimits } from './limits.ts';

/** What the scanner finds of allocations. */
type FoundInData = Exclude<Found, { kind: 'field' }>;

/** Makes pieces of the sets of one answer: an hour to a piece, unless it is too large for one. */
export class HourPieces {
  readonly #context: AllocationContext;
  readonly #factsPerPieceMax: number;
  /** By the cluster's name. */
  #facts = new Map<string, HourFact[]>();
  #factCount = 0;
  /** Once an hour each, by the cluster's name: every allocation of a namespace states it again. */
  #described = new Map<string, Map<string, NamespaceSample>>();
  #nodes = new Map<string, SeenNode>();
  #refused: Record<string, number> = {};
  readonly #hours = new Set<number>();
  #incomplete = 0;
  /** Allocations read so far, the refused ones among them. */
  count = 0;

  constructor({ limits, ...context }: AllocationContext & { readonly limits: KubecostLimits }) {
    this.#context = context;
    this.#factsPerPieceMax = limits.factsPerPieceMax;
  }

  *take(found: FoundInData): Generator<PulledPiece> {
    if (found.kind === 'allocation') {
      this.#read(found);
      if (this.#factCount < this.#factsPerPieceMax) return;
    } else {
      for (const node of this.#nodes.values()) this.#add(node.cluster, this.#nodeFact(node));
      this.#nodes.clear();
    }
    if (this.#factCount > 0) yield this.#piece(this.#context.from, []);
  }

  /** The end of the answer: what is left, and what there is to say. */
  last(warnings: readonly string[]): PulledPiece {
    const { from, to } = this.#context;
    const empty = (to - from) / HOUR_MS - this.#hours.size;
    const own = [
      ...(empty > 0 ? [`${empty} of ${(to - from) / HOUR_MS} hours hold no allocations`] : []),
      ...(this.#incomplete > 0 ? [`${this.#incomplete} allocations had labels or amounts that cannot be kept`] : []),
    ];
    return this.#piece(to, [...warnings, ...own]);
  }

  #read({ key, text }: { key: string; text: string | null }): void {
    this.count += 1;
    const row = text === null ? null : parseRow(text);
    if (!row) return this.#refuse(text === null ? 'too large' : 'must be an object');
    const faults: Faults = { first: null };
    const allocation = readAllocation(key, row, { ...this.#context, faults });
    if (faults.first) return this.#refuse(`${faults.first.field}: ${faults.first.message}`);
    const { cluster, node, providerId, facts, described, incomplete } = allocation;
    if (described) this.#describe(cluster, described);
    for (const fact of facts) {
      this.#add(cluster, fact);
      this.#hours.add(fact.hour);
      if (node !== '') this.#see({ cluster, node, providerId, hour: fact.hour });
    }
    if (incomplete) this.#incomplete += 1;
  }

  #add(cluster: string, fact: HourFact): void {
    const facts = this.#facts.get(cluster);
    if (facts) facts.push(fact);
    else this.#facts.set(cluster, [fact]);
    this.#factCount += 1;
  }

  #describe(cluster: string, described: NamespaceSample): void {
    const ofCluster = this.#described.get(cluster) ?? new Map<string, NamespaceSample>();
    this.#described.set(cluster, ofCluster.set(`${described.at} ${described.namespace}`, described));
  }

  /** Of several ids of a node the least is kept, so that the order of an answer does not matter. */
  #see(node: SeenNode): void {
    const key = JSON.stringify([node.cluster, node.hour, node.node]);
    const known = this.#nodes.get(key);
    const isBetter = node.providerId !== '' && (!known?.providerId || node.providerId < known.providerId);
    if (!known || isBetter) this.#nodes.set(key, node);
  }

  #nodeFact({ node, hour, providerId }: SeenNode): HourFact {
    const { statedAt } = this.#context;
    const texts: Record<string, string> = providerId === '' ? {} : { provider_id: providerId };
    const names = { node, namespace: '', pod: '', container: '', name: '' };
    return { kind: 'node', hour, statedAt, ...names, amounts: {}, texts, labels: {} };
  }

  #refuse(reason: string): void {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1;
  }

  #piece(through: number, warnings: readonly string[]): PulledPiece {
    const batches = [...this.#facts].map(([cluster, facts]) => ({
      clusterName: cluster === '' ? null : cluster,
      batch: {
        source: 'kubecost' as const,
        containers: [],
        nodes: [],
        facts,
        namespaces: [...(this.#described.get(cluster)?.values() ?? [])],
      },
    }));
    const piece = { batches, through, refused: this.#refused, warnings };
    this.#facts = new Map();
    this.#factCount = 0;
    this.#described = new Map();
    this.#refused = {};
    return piece;
  }
}

interface SeenNode {
  readonly cluster: string;
  readonly node: string;
  readonly providerId: string;
  readonly hour: number;
}

/** A string, or a number that JSON does not know. */
const STRING_OR_NAN = /"(?:[^"\\]|\\.)*"|[-+]?\b(?:NaN|Inf(?:inity)?)\b/g;

/** The allocation as an object; null where it is none. Bare NaN, which some servers write, is null. */
function parseRow(text: string): Row | null {
  const value =
    parseJson(text) ?? parseJson(text.replace(STRING_OR_NAN, (part) => (part.startsWith('"') ? part : 'null')));
  return isRow(value) ? value : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
