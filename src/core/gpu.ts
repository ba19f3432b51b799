/**
 * GPUs as Kubernetes counts them: device plugins offer them as extended resources, and what one of a resource is of a GPU
 * is in its name.
 *
 * - `nvidia.com/gpu`, `amd.com/gpu`, any `<vendor>/gpu`: a whole GPU; `<vendor>/gpu.shared` too, before it is divided.
 * - A GPU that is shared by turns (time-slicing, MPS) is offered several times. The node then carries a label
 *   `<resource>.replicas` (GPU Feature Discovery), and one of the resource is that part of a GPU.
 * - `nvidia.com/mig-<g>g.<m>gb`: a slice (Multi-Instance GPU) with `g` of the seven compute slices of a GPU, so g/7 of
 *   it: `mig-1g.5gb` is a seventh, `mig-7g.40gb` all (NVIDIA's MIG User Guide, "Supported MIG Profiles"). Memory is not
 *   weighed: NVIDIA names slices by both, and who asks for more of one asks for more of the other. GPUs that are cut into
 *   four (A30) are the exception: of them this counts 4/7.
 *
 * Resources that count something else of a GPU (`nvidia.com/gpumem`, `nvidia.com/gpucores`) are none.
 */

/** Compute slices that a GPU can be cut into. */
const MIG_SLICES = 7;
const NANO = 1e9;
const WHOLE = /^[^/]+\/gpu(?:\.shared)?$/;
const SLICE = /^nvidia\.com\/mig-([1-7])g\.\d+gb/;
const SHARED = /\.shared$/;

/** Quantities by the name of their resource, as an object of the API holds them. */
export type ResourceCounts = Readonly<Record<string, string | number>>;
export type NodeLabels = Readonly<Record<string, string>>;

/** How much of a GPU one of `resource` is before it is shared: nano-GPUs, cut off below; `null` where it is no GPU. */
export function gpuShareOf(resource: string): number | null {
  if (WHOLE.test(resource)) return NANO;
  const slices = SLICE.exec(resource)?.[1];
  return slices === undefined ? null : Math.floor((Number(slices) * NANO) / MIG_SLICES);
}

/**
 * What requests come to: nano-GPUs, cut off below, so that those who share a GPU never hold more than all of it; `null`
 * where no GPU is asked for. `labels` are those of the node, which say how often a GPU is offered.
 */
export function gpuRequestOf(requests: ResourceCounts, labels: NodeLabels = {}): number | null {
  const sum = gpusOf(requests, labels);
  return sum === null ? null : Math.floor(sum);
}

/**
 * GPUs of a node: nano-GPUs of whole GPUs, since one that is cut into slices that leave some of it over was paid for
 * whole; `null` where it has none.
 */
export function gpuCapacityOf(capacity: ResourceCounts, labels: NodeLabels = {}): number | null {
  return Math.ceil((gpusOf(capacity, labels) ?? 0) / NANO) * NANO || null;
}

/** A quantity that is no whole number counts as none: devices are whole. */
function gpusOf(quantities: ResourceCounts, labels: NodeLabels): number | null {
  let sum: number | null = null;
  for (const [resource, quantity] of Object.entries(quantities)) {
    const share = gpuShareOf(resource);
    const count = Number(quantity);
    if (share === null || !Number.isInteger(count) || count < 0 || count > COUNT_MAX) continue;
    sum = (sum ?? 0) + (count * share) / replicasOf(resource, labels);
  }
  return sum;
}

/** Far beyond what one machine has, shared a hundred times. */
const COUNT_MAX = 100_000;

function replicasOf(resource: string, labels: NodeLabels): number {
  const replicas = Number(labels[`${resource.replace(SHARED, '')}.replicas`]);
  return Number.isInteger(replicas) && replicas > 0 ? replicas : 1;
}
