import { type Series, toSeries } from '../../core/series.ts';
import { NAME_CHARS_MAX, UNPRINTABLE } from '../fields.ts';
import type { KeepRule } from './keep.ts';
import type { ReadLabels } from './labels.ts';
import { LaneTable } from './lane-table.ts';
import type { Lanes } from './lanes.ts';

/** What a block of labels was found to be: all that is worth remembering of a series between two requests. */
export interface KnownSeries {
  /** The halves of its id. */
  readonly low: number;
  readonly high: number;
  /** The cluster that the labels name; `null` where they name none. */
  readonly cluster: string | null;
  readonly kept: boolean;
  /** What is wrong with the labels; `null` where nothing is. */
  readonly fault: string | null;
  /** The day, since the epoch, that the store is known to have a row of it for. */
  toldDay: number;
}

/** A series that is new here: what to remember of it, and all of it; `undefined` where its labels are wrong. */
export interface LearntSeries {
  readonly known: KnownSeries;
  readonly series: Series | undefined;
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
const NEVER = -1;
const LANE_MASK = 0xffff_ffffn;
const NOTHING = { low: 0, high: 0, cluster: null, kept: false, toldDay: NEVER };

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

  /** Whether a metric is kept; `undefined` where it was not seen yet. */
  keeps(lanes: Lanes, owner: string): boolean | undefined {
    return this.#metrics.get(lanes, owner);
  }

  learnMetric(lanes: Lanes, owner: string, metric: string): boolean {
    const keeps = this.#options.keep(metric);
    this.#metrics.set(lanes, owner, keeps);
    return keeps;
  }

  /** What is known of the series whose labels have this hash; `undefined` where it was not seen yet. */
  find(lanes: Lanes, owner: string): KnownSeries | undefined {
    return this.#series.get(lanes, owner);
  }

  learn(lanes: Lanes, owner: string, read: ReadLabels): LearntSeries {
    const learnt = this.#learn(read);
    this.#series.set(lanes, owner, learnt.known);
    return learnt;
  }

  /** The series as the store knows it: without the labels that name its cluster or its sender's twin. */
  told(labels: Labels): Series {
    return this.#told(labels, this.#clusterLabelOf(labels));
  }

  #learn({ labels, fault }: ReadLabels): LearntSeries {
    if (fault !== undefined) return { known: { ...NOTHING, fault }, series: undefined };
    const named = this.#clusterLabelOf(labels);
    const cluster = valueOf(labels, named) ?? null;
    const clusterFault = named === undefined ? null : faultOfCluster(named, cluster ?? '');
    if (clusterFault !== null) return { known: { ...NOTHING, fault: clusterFault }, series: undefined };
    const series = this.#told(labels, named);
    const kept = this.#options.keep(series.metric);
    const low = Number(series.id & LANE_MASK);
    return { known: { low, high: Number(series.id >> 32n), cluster, kept, fault: null, toldDay: NEVER }, series };
  }

  #clusterLabelOf(labels: Labels): string | undefined {
    return this.#options.clusterLabels.find((name) => valueOf(labels, name) !== undefined);
  }

  #told(labels: Labels, cluster: string | undefined): Series {
    const { replicaLabels } = this.#options;
    return toSeries(Object.fromEntries(labels.filter(([name]) => name !== cluster && !replicaLabels.includes(name))));
  }
}

/** What keeps a label's value from being the name of a cluster; `null` where nothing does. */
function faultOfCluster(label: string, name: string): string | null {
  const trimmed = name.trim();
  if (trimmed === '') return `the label ${label} names a cluster, and is blank`;
  if (trimmed.length > NAME_CHARS_MAX) {
    return `the label ${label} names a cluster with ${trimmed.length} characters; at most ${NAME_CHARS_MAX}`;
  }
  return UNPRINTABLE.test(trimmed) ? `the label ${label} names a cluster with control characters` : null;
}

type Labels = NonNullable<ReadLabels['labels']>;

function valueOf(labels: Labels, wanted: string | undefined): string | undefined {
  return labels.find(([name]) => name === wanted)?.[1];
}
