import type { SampleBatch, SourceName } from '../../src/core/samples.ts';
import { type LabelSet, toSeries } from '../../src/core/series.ts';

/** One scraped value. */
export interface Scraped {
  readonly labels: LabelSet;
  /** Milliseconds. */
  readonly at: number;
  readonly value: number;
}

/** What a source of points delivers at once. */
export function pointBatch(scraped: readonly Scraped[], source: SourceName = 'remote-write'): SampleBatch {
  const series = scraped.map(({ labels }) => toSeries(labels));
  const points = {
    series: [...new Map(series.map((one) => [one.id, one])).values()],
    ids: BigUint64Array.from(series, ({ id }) => id),
    ats: BigInt64Array.from(scraped, ({ at }) => BigInt(at)),
    values: Float64Array.from(scraped, ({ value }) => value),
  };
  return { source, containers: [], nodes: [], points };
}
