import { createLru } from '../lib/lru.ts';
import type { Fleet } from './fleet.ts';
import { seriesAt } from './series.ts';

/** One series of a scraped fleet, the same object at every scrape while it is remembered. */
export interface ScrapedSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** The labels as JSON. */
  readonly text: string;
}

export interface Scrape {
  readonly at: number;
  readonly series: readonly ScrapedSeries[];
  /** One for each series. */
  readonly values: Float64Array;
}

/** What a Prometheus that scrapes the whole fleet holds, scrape by scrape, each series with its `cluster`. */
export interface Scrapes {
  /** Those at an instant in [from, to), in order of time. */
  within(from: number, to: number): Generator<Scrape>;
}

const SCRAPES_MAX = 512;
const SERIES_MAX = 500_000;

/** Scrapes are remembered: a pull asks for the same hour again and again, metric by metric. */
export function createScrapes(fleet: Fleet, stepMs: number): Scrapes {
  const scrapes = createLru<Scrape>(SCRAPES_MAX);
  const known = createLru<ScrapedSeries>(SERIES_MAX);

  function take(cluster: string, at: number): Scrape {
    const series: ScrapedSeries[] = [];
    const values: number[] = [];
    for (const { labels, value } of seriesAt(fleet, { cluster, at })) {
      const text = JSON.stringify({ ...labels, cluster });
      const one = known.get(text) ?? { labels: { ...labels, cluster }, text };
      known.set(text, one);
      series.push(one);
      values.push(value);
    }
    return { at, series, values: Float64Array.from(values) };
  }

  return {
    *within(from, to) {
      const first = Math.ceil(Math.max(from, fleet.start) / stepMs) * stepMs;
      for (let at = first; at < to; at += stepMs) {
        for (const { name } of fleet.clusters) {
          const key = `${name}@${at}`;
          const scrape = scrapes.get(key) ?? take(name, at);
          scrapes.set(key, scrape);
          yield scrape;
        }
      }
    },
  };
}
