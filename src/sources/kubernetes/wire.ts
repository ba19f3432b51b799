import { z } from 'zod';
import { parseBytes, parseNanocores } from '../../lib/quantity.ts';
import type { Labels, OwnerReference } from './records.ts';

/** Pieces that the objects of the API have in common. Go leaves out what is empty, or writes null: both are "not there". */

const NO_LABELS: Labels = Object.freeze({});

export const Text = z
  .string()
  .nullish()
  .transform((text) => text ?? '');

export const LabelMap = z
  .record(z.string(), z.string())
  .nullish()
  .transform((labels): Labels => labels ?? NO_LABELS);

/** An instant as the API writes it (`2026-01-01T00:00:00Z`), in milliseconds; `null` where there is none. */
export const Instant = z
  .string()
  .nullish()
  .transform((text) => {
    const at = Date.parse(text ?? '');
    // What never began is told as having begun in 1970.
    return Number.isFinite(at) && at > 0 ? at : null;
  });

/** Quantities by the name of their resource. */
export const Quantities = z
  .record(z.string(), z.union([z.string(), z.number()]))
  .nullish()
  .transform((quantities) => quantities ?? null);
export type Quantities = z.infer<typeof Quantities>;

const OwnerReferences = z
  .array(z.object({ uid: Text, kind: Text, name: Text, controller: z.boolean().nullish() }))
  .nullish();

export const Metadata = z
  .object({
    uid: z.string().min(1),
    name: z.string().min(1),
    namespace: Text,
    creationTimestamp: Instant,
    deletionTimestamp: Instant,
    labels: LabelMap,
    ownerReferences: OwnerReferences,
  })
  .transform(({ ownerReferences, creationTimestamp, deletionTimestamp, ...rest }) => ({
    ...rest,
    createdAt: creationTimestamp ?? 0,
    deletedAt: deletionTimestamp,
    owner: controllerOf(ownerReferences ?? []),
  }));

function controllerOf(references: NonNullable<z.infer<typeof OwnerReferences>>): OwnerReference | null {
  const found = references.find(({ controller }) => controller === true);
  return found ? { uid: found.uid, kind: found.kind, name: found.name } : null;
}

/** Nanocores; `null` where there is no such quantity, or it is none. */
export function cpuOf(quantities: Quantities | undefined): number | null {
  return read(quantities?.['cpu'], parseNanocores);
}

/** Bytes of `memory` or `storage`; `null` where there is no such quantity, or it is none. */
export function bytesOf(quantities: Quantities | undefined, resource: 'memory' | 'storage'): number | null {
  return read(quantities?.[resource], parseBytes);
}

function read(text: string | number | undefined, parse: (text: string) => number): number | null {
  if (text === undefined) return null;
  try {
    return Math.max(0, parse(String(text)));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
