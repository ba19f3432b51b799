/**
 * Gauges in the Prometheus text format, one family after the other. What Prometheus would not take never leaves here: a value that
 * is no number is left out, and of two samples with the same labels the first stands.
 */
export interface GaugeFamily {
  readonly name: string;
  readonly help: string;
  readonly samples: Iterable<GaugeSample>;
}

export interface GaugeSample {
  /** Names must be those of labels: `[a-zA-Z_][a-zA-Z0-9_]*`. Values may be any text. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export const EXPOSITION_MEDIA_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The lines of each family, in chunks of one family or less. A family without a sample has none. */
export function* exposition(families: Iterable<GaugeFamily>): Generator<string> {
  for (const family of families) yield* familyLines(family);
}

/** Lines of a chunk. */
const LINES = 1_000;

function* familyLines({ name, help, samples }: GaugeFamily): Generator<string> {
  const seen = new Set<string>();
  let lines: string[] = [`# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} gauge\n`];
  for (const { labels, value } of samples) {
    const pairs = labelPairs(labels);
    if (!Number.isFinite(value) || seen.has(pairs)) continue;
    seen.add(pairs);
    lines.push(`${name}${pairs} ${value}\n`);
    if (lines.length < LINES) continue;
    yield lines.join('');
    lines = [];
  }
  if (seen.size > 0 && lines.length > 0) yield lines.join('');
}

function labelPairs(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeValue(value: string): string {
  return escapeHelp(value.toWellFormed()).replaceAll('"', String.raw`\"`);
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`);
}
