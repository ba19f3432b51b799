import type { ParsedPost } from '../sources/source.ts';
import type { SourceNote } from './dependencies.ts';

const INDEX = /\[\d+\]/g;
const NOT_NAMED = 'further rows, whose faults were not listed';

/** What a post brought, for the source log: refused rows by field and fault, whatever their place in the post. */
export function sourceNoteOf({ batch, acceptedCount, rejectedCount, rejected }: ParsedPost): SourceNote {
  const refused = new Map<string, number>();
  const count = (reason: string, rows: number) => refused.set(reason, (refused.get(reason) ?? 0) + rows);
  for (const { field, message } of rejected) count(`${field.replaceAll(INDEX, '[]')}: ${message}`, 1);
  if (rejectedCount > rejected.length) count(NOT_NAMED, rejectedCount - rejected.length);
  return { taken: acceptedCount, refused: Object.fromEntries(refused), newestAt: newestAt(batch) };
}

/** The newest instant of a batch's samples, milliseconds; `null` where it has none. */
function newestAt({ containers, nodes }: ParsedPost['batch']): number | null {
  let newest = -Infinity;
  for (const { at } of nodes) newest = Math.max(newest, at);
  for (const { at } of containers) newest = Math.max(newest, at);
  return newest === -Infinity ? null : newest;
}
