const WHOLE = new Intl.NumberFormat('en-US');
const DASH = '–';

/** A count with thousands separators: `1,204`. */
export function formatCount(count: number): string {
  return WHOLE.format(count);
}

/**
 * A ratio as a percentage, with one decimal below ten and none above: `4.2 %`, `43 %`; `–` where it is unknown.
 */
export function formatPercent(ratio: number | null): string {
  if (ratio === null) return DASH;
  if (ratio === 0) return '0 %';
  const percent = ratio * 100;
  const digits = Math.abs(percent) < 9.95 ? 1 : 0;
  const text = percent.toFixed(digits).replace('-', '−');
  if (Math.abs(percent) < 0.05) return percent < 0 ? '−<0.1 %' : '<0.1 %';
  return `${text} %`;
}

/** Coverage, rounded down: a single missing hour must not read as "100 %". */
export function formatCoverage(ratio: number): string {
  if (ratio >= 1) return '100 %';
  if (ratio <= 0) return '0 %';
  const tenths = Math.floor(ratio * 1_000) / 10;
  return tenths === 0 ? '<0.1 %' : `${tenths.toFixed(1)} %`;
}

/** A length of time in the unit people would use: `28 hours`, `1.5 hours`, `4 minutes`; never less than a minute unless none. */
export function formatHours(hours: number): string {
  if (hours < 1) return withUnit(Math.max(hours > 0 ? 1 : 0, Math.round(hours * 60)), 'minute');
  return withUnit(Math.round(hours * 10) / 10, 'hour');
}

function withUnit(count: number, unit: string): string {
  return `${formatCount(count)} ${unit}${count === 1 ? '' : 's'}`;
}
