import { createHash } from 'node:crypto';

/** SHA-256, base64url, of a value as JSON; amounts of money (bigint) count too. Equal values have one digest only if their keys are in one order. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, plainly)).digest('base64url');
}

function plainly(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
