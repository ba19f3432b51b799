import { z } from 'zod';
import type { Labels } from './records.ts';
import { LabelMap } from './wire.ts';

/**
 * The annotations of a pod or a namespace that a report may be cut by. Annotations may hold whole documents, and tools keep their state in
 * them: what is long is not kept, nor what kubectl and the container network write for themselves.
 */
export function keptAnnotations(object: unknown): Labels {
  const { annotations } = Annotated.parse(object).metadata;
  const kept = Object.entries(annotations)
    .filter(([key, value]) => value.length <= VALUE_LENGTH_MAX && !TOOLS.test(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, ANNOTATIONS_MAX);
  return Object.fromEntries(kept);
}

const VALUE_LENGTH_MAX = 256;
const ANNOTATIONS_MAX = 32;
const TOOLS =
  /^(kubectl\.kubernetes\.io|kubernetes\.io|cni\.projectcalico\.org|k8s\.v1\.cni\.cncf\.io|k8s\.ovn\.org)\//;

const Annotated = z.object({ metadata: z.object({ annotations: LabelMap }) });
