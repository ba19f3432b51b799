/** One measured number, printed as one line of JSON. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** `value` as a multiple of what `against` names, measured in the same run. */
  readonly ratio: number;
  readonly against: string;
}

/** Something to hold a figure against: what it is, and what it came to in the same unit. */
export interface Alternative {
  readonly name: string;
  readonly value: number;
}

/** The figure and its ratio, both cut to what a measurement can tell. */
export function figure(name: string, measured: { value: number; unit: string }, against: Alternative): Figure {
  const { value, unit } = measured;
  return { name, value: rounded(value), unit, ratio: rounded(value / against.value), against: against.name };
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/**
 * Milliseconds of each of `works`, `times` over. They take turns, so that whatever else the machine does falls on all of
 * them alike; each runs once before it counts.
 */
export async function takeTurns<K extends string>(
  works: Readonly<Record<K, () => Promise<unknown>>>,
  times: number,
): Promise<Record<K, number[]>>;
export async function takeTurns(works: Readonly<Record<string, () => Promise<unknown>>>, times: number) {
  const entries = Object.entries(works);
  const taken = Object.fromEntries(entries.map(([name]) => [name, new Array<number>()]));
  for (const [, work] of entries) await work();
  for (let turn = 0; turn < times; turn += 1) {
    for (const [name, work] of entries) taken[name]?.push(await timed(work));
  }
  return taken;
}

const SIGNIFICANT = 4;

function rounded(value: number): number {
  return Math.abs(value) >= 10 ** SIGNIFICANT ? Math.round(value) : Number(value.toPrecision(SIGNIFICANT));
}
