import { type LabelSet, type Series, toSeries } from '../../core/series.ts';
import type { KeepRule } from './keep.ts';
import { METRIC_LABEL, type ReadLabels } from './labels.ts';
import { LaneTable } from './lane-table.ts';
import type { Lanes } from './lanes.ts';

/** What a block of labels was found to be: all that is worth remembering of a series between two requests. */
export interface KnownSeries {
  readonly id: bigint;
  /** The halves of the id. */
  readonly low: number;
  readonly high: number;
  /** The cluster that the labels name; `null` where they name none. */
  readonly cluster: string | null;
  readonly kept: boolean;
  /** What is wrong with the labels; `null` where nothing is. */
  readonly fault: string | null;
}

export interface SeriesBookOptions {
  readonly keep: KeepRule;
  /** Labels that may name the cluster, the first that is there first. It is no part of the series' identity. */
  readonly clusterLabels: readonly string[];
  /** Labels that tell the twins of a pair apart, which see the same: no part of the series' identity either. */
  readonly replicaLabels: readonly string[];
}

/** Together some 100 MB where each is full twice over, which takes a million series that are kept. */
const SERIES_MAX = 400_000;
const METRICS_MAX = 20_000;
const LANE_MASK = 0xffff_ffffn;

/**
 * What was found out of series already, so that a series that comes again costs a look by the hash of its bytes, and one
 * whose metric is not kept not even that. Bounded; what is forgotten is found out again.
 */
export class SeriesBook {
  readonly #options: SeriesBookOptions;
  readonly #metrics = new LaneTable<boolean>(METRICS_MAX);
  readonly #series = new LaneTable<KnownSeries>(SERIES_MAX);

  constructor(options: SeriesBookOptions) {
    this.#options = options;
  }

  /** Whether a metric is kept; `name` is asked only of one that is new. */
  keeps(lanes: Lanes, owner: string, name: () => string): boolean {
    const known = this.#metrics.get(lanes, owner);
    if (known !== undefined) return known;
    const keeps = this.#options.keep(name());
    this.#metrics.set({ a: lanes.a, b: lanes.b }, owner, keeps);
    return keeps;
  }

  /** The series with these labels; `read` is asked only for one that is new. */
  series(lanes: Lanes, owner: string, read: () => ReadLabels): KnownSeries {
    const known = this.#series.get(lanes, owner);
    if (known !== undefined) return known;
    const found = this.#found(read());
    this.#series.set({ a: lanes.a, b: lanes.b }, owner, found);
    return found;
  }

  /** The series as the store knows it: without the labels that name its cluster or its sender's twin. */
  told(labels: LabelSet): Series {
    return toSeries(this.#identity(labels));
  }

  #found({ labels, fault }: ReadLabels): KnownSeries {
    if (fault !== undefined) return { id: 0n, low: 0, high: 0, cluster: null, kept: false, fault };
    const { id } = this.told(labels);
    const named = this.#options.clusterLabels.find((name) => labels[name] !== undefined);
    const cluster = named === undefined ? null : (labels[named] ?? null);
    const kept = this.#options.keep(labels[METRIC_LABEL] ?? '');
    return { id, low: Number(id & LANE_MASK), high: Number(id >> 32n), cluster, kept, fault: null };
  }

  #identity(labels: LabelSet): LabelSet {
    const { clusterLabels, replicaLabels } = this.#options;
    const cluster = clusterLabels.find((name) => labels[name] !== undefined);
    const rest = Object.entries(labels).filter(([name]) => name !== cluster && !replicaLabels.includes(name));
    return Object.fromEntries(rest);
  }
}

/** A series whose labels stay bytes of the request until somebody asks: most were told today. */
export class WireSeries implements Series {
  readonly id: bigint;
  readonly #tell: () => Series;
  #told: Series | undefined;

  constructor(id: bigint, tell: () => Series) {
    this.id = id;
    this.#tell = tell;
  }

  get metric(): string {
    return this.#series().metric;
  }

  get namespace(): string {
    return this.#series().namespace;
  }

  get pod(): string {
    return this.#series().pod;
  }

  get uid(): string {
    return this.#series().uid;
  }

  get container(): string {
    return this.#series().container;
  }

  get node(): string {
    return this.#series().node;
  }

  get labels(): LabelSet {
    return this.#series().labels;
  }

  #series(): Series {
    this.#told ??= this.#tell();
    return this.#told;
  }
}
