import { formatExactUsd, formatUsd, type PicoUsd } from '../lib/money.ts';

/** Money with the digits a person can use; the exact decimal shows on hover. */
export function Amount({ value }: { value: PicoUsd }) {
  const exact = formatExactUsd(value);
  return (
    <data value={exact.replace('−', '-').replaceAll(/[$,]/g, '')} title={exact}>
      {formatUsd(value)}
    </data>
  );
}
