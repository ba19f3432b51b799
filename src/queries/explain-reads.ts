import { z } from 'zod';

/** What the statements explain-*.sql return. Amounts are exact texts. */
const text = z.string();
const count = z.coerce.number();

export const TotalRow = z.object({ row_count: count, cpu: text, ram: text, gpu: text, network: text, external: text });
export type TotalRow = z.infer<typeof TotalRow>;

export const LedgerRow = z.object({
  cluster_id: text,
  hour_s: count,
  node_name: text,
  namespace_name: text,
  pod_name: text,
  uid: text,
  container_name: text,
  owner_kind: text,
  owner: text,
  run: count,
  priced_with: text,
  told_by: text,
  cpu_held: text,
  cpu_requested: text,
  cpu_used: text,
  ram_held: text,
  ram_requested: text,
  ram_used: text,
  gpu_held: text,
  gpu_requested: text,
  gpu_used: text,
  cpu: text,
  ram: text,
  gpu: text,
  network: text,
  external: text,
  adjustment: text,
});
export type LedgerRow = z.infer<typeof LedgerRow>;

const AttachmentKind = z.enum(['volume', 'balancer', 'management']);

export const AttachedTotal = z.object({ kind: AttachmentKind, row_count: count, cost: text });
export type AttachedTotal = z.infer<typeof AttachedTotal>;

export const AttachedRow = z.object({
  cluster_id: text,
  hour_s: count,
  kind: AttachmentKind,
  namespace_name: text,
  pod_name: text,
  thing: text,
  storage_class: text,
  run: count,
  byte_seconds: text,
  whole_byte_seconds: text,
  cost: text,
  whole_cost: text,
  corrected: text,
  price_basis: text,
  price_version: text,
  record: text,
});
export type AttachedRow = z.infer<typeof AttachedRow>;

export const NodeRow = z.object({
  cluster_id: text,
  hour_s: count,
  node_name: text,
  is_spot: z.boolean(),
  covered: count,
  type: text,
  basis: text,
  reported: text,
  off: text,
  cpu_capacity: text,
  ram_capacity: text,
  gpu_capacity: text,
  cpu: text,
  ram: text,
  gpu: text,
  cpu_taken: text,
  ram_taken: text,
  gpu_taken: text,
});
export type NodeRow = z.infer<typeof NodeRow>;

export const HourRow = z.object({
  cluster_id: text,
  hour_s: count,
  record: text,
  reported: z.record(text, count),
  covered_ms: count,
  price_version: text,
  computed_ms: count,
  management: text,
});
export type HourRow = z.infer<typeof HourRow>;

export const SampleRow = z.object({
  at_ms: count,
  received_ms: count,
  told_by: text,
  cluster_id: text,
  node_name: text,
  namespace_name: text,
  pod_name: text,
  container_name: text,
  told: z.record(text, text.nullable()),
  row_count: count,
  first_ms: count,
  last_ms: count,
});
export type SampleRow = z.infer<typeof SampleRow>;
