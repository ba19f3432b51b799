import type { FactKind } from '../../core/hour-facts.ts';
import type { Scale } from './amount.ts';

/**
 * The reports that operators send, each known by the names of its columns: neither the name of a file nor the order of its
 * columns says which one it is, and both have changed over the years.
 */
export interface Report {
  readonly kind: FactKind;
  /** Without all of these a file is not this report. */
  readonly required: readonly string[];
  /** Columns that some versions lack. */
  readonly optional: readonly string[];
  /** Columns that say what the row is about, and where in the fact that goes. */
  readonly identity: Readonly<Partial<Record<IdentityField, string>>>;
  /** Further columns that tell a row from its neighbours, joined into the fact's `name`. */
  readonly name: readonly string[];
  /** What must not be empty. */
  readonly needed: readonly string[];
  /** The column that becomes the fact's labels. */
  readonly labels?: string;
  /** `quarter`: the rows are of 15 minutes each. */
  readonly grain: 'hour' | 'quarter';
  readonly amounts: Readonly<Record<string, AmountColumn>>;
  /** Column to the name of its text. */
  readonly texts: Readonly<Record<string, string>>;
}

export type IdentityField = 'node' | 'namespace' | 'pod' | 'container';

export interface AmountColumn {
  readonly name: string;
  readonly scale: Scale;
}

export const INTERVAL_START = 'interval_start';
/** Known, and never read: `interval_start` says it all. */
const PERIODS = ['report_period_start', 'report_period_end', 'interval_end'];

const POD: Report = {
  kind: 'pod',
  required: [INTERVAL_START, 'node', 'namespace', 'pod', 'pod_usage_cpu_core_seconds', 'pod_request_cpu_core_seconds'],
  optional: [...PERIODS, 'node_role', 'resource_id', 'pod_labels'],
  identity: { node: 'node', namespace: 'namespace', pod: 'pod' },
  name: [],
  needed: ['node', 'namespace', 'pod'],
  labels: 'pod_labels',
  grain: 'hour',
  amounts: {
    pod_usage_cpu_core_seconds: { name: 'cpu_usage_ucs', scale: 1_000_000 },
    pod_request_cpu_core_seconds: { name: 'cpu_request_ucs', scale: 1_000_000 },
    pod_limit_cpu_core_seconds: { name: 'cpu_limit_ucs', scale: 1_000_000 },
    pod_usage_memory_byte_seconds: { name: 'ram_usage_bs', scale: 1 },
    pod_request_memory_byte_seconds: { name: 'ram_request_bs', scale: 1 },
    pod_limit_memory_byte_seconds: { name: 'ram_limit_bs', scale: 1 },
    node_capacity_cpu_cores: { name: 'cpu_capacity_ucores', scale: 1_000_000 },
    node_capacity_cpu_core_seconds: { name: 'cpu_capacity_ucs', scale: 1_000_000 },
    node_capacity_memory_bytes: { name: 'ram_capacity_bytes', scale: 1 },
    node_capacity_memory_byte_seconds: { name: 'ram_capacity_bs', scale: 1 },
  },
  texts: { resource_id: 'resource_id', node_role: 'node_role' },
};

const NODE: Report = {
  kind: 'node',
  required: [INTERVAL_START, 'node', 'node_labels'],
  optional: PERIODS,
  identity: { node: 'node' },
  name: [],
  needed: ['node'],
  labels: 'node_labels',
  grain: 'hour',
  amounts: {},
  texts: {},
};

const NAMESPACE: Report = {
  kind: 'namespace',
  required: [INTERVAL_START, 'namespace', 'namespace_labels'],
  optional: PERIODS,
  identity: { namespace: 'namespace' },
  name: [],
  needed: ['namespace'],
  labels: 'namespace_labels',
  grain: 'hour',
  amounts: {},
  texts: {},
};

const STORAGE: Report = {
  kind: 'storage',
  required: [INTERVAL_START, 'namespace', 'persistentvolumeclaim', 'persistentvolumeclaim_capacity_byte_seconds'],
  optional: [...PERIODS, 'pod', 'node', 'persistentvolumeclaim_labels'],
  identity: { node: 'node', namespace: 'namespace', pod: 'pod' },
  name: ['persistentvolumeclaim'],
  needed: ['namespace', 'persistentvolumeclaim'],
  labels: 'persistentvolumeclaim_labels',
  grain: 'hour',
  amounts: {
    persistentvolumeclaim_capacity_bytes: { name: 'capacity_bytes', scale: 1 },
    persistentvolumeclaim_capacity_byte_seconds: { name: 'capacity_bs', scale: 1 },
    volume_request_storage_byte_seconds: { name: 'request_bs', scale: 1 },
    persistentvolumeclaim_usage_byte_seconds: { name: 'usage_bs', scale: 1 },
  },
  texts: {
    persistentvolume: 'persistent_volume',
    storageclass: 'storage_class',
    csi_driver: 'csi_driver',
    csi_volume_handle: 'csi_volume_handle',
    persistentvolume_labels: 'persistent_volume_labels',
  },
};

const MACHINE: Report = {
  kind: 'vm',
  required: [INTERVAL_START, 'node', 'namespace', 'vm_name', 'vm_uptime_total_seconds'],
  optional: [...PERIODS, 'vm_labels'],
  identity: { node: 'node', namespace: 'namespace' },
  name: ['vm_name', 'vm_device', 'vm_persistentvolumeclaim_name'],
  needed: ['namespace', 'vm_name'],
  labels: 'vm_labels',
  grain: 'hour',
  amounts: {
    vm_uptime_total_seconds: { name: 'run_ms', scale: 1_000 },
    vm_cpu_limit_cores: { name: 'cpu_limit_ucores', scale: 1_000_000 },
    vm_cpu_limit_core_seconds: { name: 'cpu_limit_ucs', scale: 1_000_000 },
    vm_cpu_request_cores: { name: 'cpu_request_ucores', scale: 1_000_000 },
    vm_cpu_request_core_seconds: { name: 'cpu_request_ucs', scale: 1_000_000 },
    vm_cpu_request_sockets: { name: 'cpu_request_sockets_micro', scale: 1_000_000 },
    vm_cpu_request_socket_seconds: { name: 'cpu_request_socket_seconds_micro', scale: 1_000_000 },
    vm_cpu_request_threads: { name: 'cpu_request_threads_micro', scale: 1_000_000 },
    vm_cpu_request_thread_seconds: { name: 'cpu_request_thread_seconds_micro', scale: 1_000_000 },
    vm_cpu_usage_total_seconds: { name: 'cpu_usage_ucs', scale: 1_000_000 },
    vm_memory_limit_bytes: { name: 'ram_limit_bytes', scale: 1 },
    vm_memory_limit_byte_seconds: { name: 'ram_limit_bs', scale: 1 },
    vm_memory_request_bytes: { name: 'ram_request_bytes', scale: 1 },
    vm_memory_request_byte_seconds: { name: 'ram_request_bs', scale: 1 },
    vm_memory_usage_byte_seconds: { name: 'ram_usage_bs', scale: 1 },
    vm_disk_allocated_size_byte_seconds: { name: 'disk_allocated_bs', scale: 1 },
  },
  texts: {
    resource_id: 'resource_id',
    vm_name: 'vm_name',
    vm_instance_type: 'instance_type',
    vm_os: 'os',
    vm_guest_os_arch: 'guest_os_arch',
    vm_guest_os_name: 'guest_os_name',
    vm_guest_os_version: 'guest_os_version',
    vm_device: 'device',
    vm_volume_mode: 'volume_mode',
    vm_persistentvolumeclaim_name: 'claim',
  },
};

const GPU: Report = {
  kind: 'gpu',
  required: [INTERVAL_START, 'node', 'namespace', 'pod', 'gpu_uuid', 'gpu_pod_uptime'],
  optional: PERIODS,
  identity: { node: 'node', namespace: 'namespace', pod: 'pod' },
  name: ['gpu_uuid', 'mig_instance_id'],
  needed: ['namespace', 'pod', 'gpu_uuid'],
  grain: 'hour',
  amounts: {
    gpu_memory_capacity_mib: { name: 'gpu_memory_capacity_bytes', scale: 1_048_576 },
    gpu_pod_uptime: { name: 'run_ms', scale: 1_000 },
    gpu_pod_utilization: { name: 'gpu_utilization_micro', scale: 1_000_000 },
    gpu_max_slices: { name: 'gpu_slices_max_micro', scale: 1_000_000 },
  },
  texts: {
    gpu_uuid: 'gpu_uuid',
    gpu_model_name: 'gpu_model',
    gpu_vendor_name: 'gpu_vendor',
    mig_instance_id: 'mig_instance_id',
    mig_profile: 'mig_profile',
    mig_strategy: 'mig_strategy',
  },
};

/** `cpu_usage` and `avg`, `max` … as the columns and amounts `cpu_usage_container_avg` → `cpu_usage_container_avg_ucores`. */
function statistics(of: 'container' | 'namespace', measures: Readonly<Record<string, string>>) {
  const entries = Object.entries(measures).flatMap(([measure, kinds]) => {
    const [unit, scale] = measure.startsWith('cpu_') ? (['ucores', 1_000_000] as const) : (['bytes', 1] as const);
    return kinds.split(' ').map((kind): [string, AmountColumn] => {
      const column = `${measure}_${of}_${kind}`;
      return [column, { name: `${column}_${unit}`, scale }];
    });
  });
  return Object.fromEntries(entries);
}

function micros(columns: readonly string[]): Record<string, AmountColumn> {
  return Object.fromEntries(columns.map((column) => [column, { name: `${column}_micro`, scale: 1_000_000 } as const]));
}

const ACCELERATOR_MEASURES = ['core_usage_percentage', 'memory_copy_percentage', 'frame_buffer_usage'];

const ROS_CONTAINER: Report = {
  kind: 'ros-container',
  required: [INTERVAL_START, 'container_name', 'pod', 'namespace', 'cpu_usage_container_avg'],
  optional: PERIODS,
  identity: { node: 'node', namespace: 'namespace', pod: 'pod', container: 'container_name' },
  name: [],
  needed: ['namespace', 'pod', 'container_name'],
  grain: 'quarter',
  amounts: {
    ...statistics('container', {
      cpu_request: 'avg sum',
      cpu_limit: 'avg sum',
      cpu_usage: 'avg min max sum',
      cpu_throttle: 'avg max min sum',
      memory_request: 'avg sum',
      memory_limit: 'avg sum',
      memory_usage: 'avg min max sum',
      memory_rss_usage: 'avg min max sum',
    }),
    ...micros(ACCELERATOR_MEASURES.flatMap((of) => ['min', 'max', 'avg'].map((kind) => `accelerator_${of}_${kind}`))),
  },
  texts: {
    owner_name: 'owner_name',
    owner_kind: 'owner_kind',
    workload: 'controller',
    workload_type: 'controller_kind',
    image_name: 'image',
    resource_id: 'resource_id',
    accelerator_model_name: 'accelerator_model',
    accelerator_profile_name: 'accelerator_profile',
  },
};

const ROS_NAMESPACE: Report = {
  kind: 'ros-namespace',
  required: [INTERVAL_START, 'namespace', 'cpu_usage_namespace_avg'],
  optional: PERIODS,
  identity: { namespace: 'namespace' },
  name: [],
  needed: ['namespace'],
  grain: 'quarter',
  amounts: {
    ...statistics('namespace', {
      cpu_request: 'sum',
      cpu_limit: 'sum',
      cpu_usage: 'avg max min',
      cpu_throttle: 'avg max min',
      memory_request: 'sum',
      memory_limit: 'sum',
      memory_usage: 'avg max min',
      memory_rss_usage: 'avg max min',
    }),
    ...micros(['running', 'total'].flatMap((which) => ['max', 'avg'].map((kind) => `namespace_${which}_pods_${kind}`))),
  },
  texts: {},
};

/** The first whose required columns are all there is it. */
export const REPORTS: readonly Report[] = [POD, NODE, NAMESPACE, STORAGE, MACHINE, GPU, ROS_CONTAINER, ROS_NAMESPACE];

/** All columns of a report, in no order of meaning. */
export function columnsOf({ required, optional, identity, amounts, texts }: Report): ReadonlySet<string> {
  return new Set([
    ...required,
    ...optional,
    ...Object.values(identity),
    ...Object.keys(amounts),
    ...Object.keys(texts),
  ]);
}
