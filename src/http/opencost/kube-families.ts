import { sanitizeLabelName } from '../../core/allocation-properties.ts';
import type { GaugeFamily, GaugeSample } from '../../lib/exposition.ts';
import type { ClusterMetrics, ContainerGauges, NamespaceGauges } from '../../queries/opencost-metrics.ts';

/**
 * Of kube-state-metrics, which OpenCost emits itself where there is none, what the ledger can tell: averages of the hour, and as
 * the owner of a pod its controller.
 */
export function kubeFamilies({ nodes, volumes, containers, namespaces }: ClusterMetrics): GaugeFamily[] {
  const pods = [...Map.groupBy(containers, ({ namespace, pod }) => `${namespace}/${pod}`).values()].flatMap(
    ([first]) => first ?? [],
  );
  return [
    {
      name: 'kube_node_status_capacity',
      help: 'What a node has.',
      samples: Iterator.from(nodes).flatMap(({ node, cores, bytes }) => [
        { labels: { node, resource: 'cpu', unit: 'core' }, value: cores },
        { labels: { node, resource: 'memory', unit: 'byte' }, value: bytes },
      ]),
    },
    {
      name: 'kube_node_status_capacity_cpu_cores',
      help: 'Cores of a node.',
      samples: Iterator.from(nodes).map(({ node, cores }) => ({ labels: { node }, value: cores })),
    },
    {
      name: 'kube_node_status_capacity_memory_bytes',
      help: 'Bytes of RAM of a node.',
      samples: Iterator.from(nodes).map(({ node, bytes }) => ({ labels: { node }, value: bytes })),
    },
    {
      name: 'kube_node_labels',
      help: 'Labels of a node.',
      samples: Iterator.from(nodes).map(({ node, labels }) => ({ labels: { node, ...prefixed(labels) }, value: 1 })),
    },
    ...podFamilies(pods),
    ...namespaceFamilies(namespaces),
    {
      name: 'kube_pod_container_resource_requests',
      help: 'What a container asks for.',
      samples: Iterator.from(containers).flatMap(requestSamples),
    },
    {
      name: 'kube_persistentvolume_capacity_bytes',
      help: 'Size of a volume.',
      samples: Iterator.from(volumes).map(({ volume, bytes }) => ({
        labels: { persistentvolume: volume },
        value: bytes,
      })),
    },
    {
      name: 'kube_persistentvolumeclaim_info',
      help: 'The volume of a claim.',
      samples: Iterator.from(volumes).map(({ namespace, claim, storageClass, volume }) => ({
        labels: { namespace, persistentvolumeclaim: claim, storageclass: storageClass, volumename: volume },
        value: 1,
      })),
    },
  ];
}

/** One container of each pod stands for it. */
function podFamilies(pods: readonly ContainerGauges[]): GaugeFamily[] {
  return [
    {
      name: 'kube_pod_labels',
      help: 'Labels of a pod.',
      samples: Iterator.from(pods).map(({ namespace, pod, podUid, labels }) => ({
        labels: { namespace, pod, uid: podUid, ...prefixed(labels) },
        value: 1,
      })),
    },
    {
      name: 'kube_pod_owner',
      help: 'The controller of a pod.',
      samples: Iterator.from(pods)
        .filter(({ controller }) => controller !== '')
        .map(({ namespace, pod, controllerKind, controller }) => ({
          labels: { namespace, pod, owner_name: controller, owner_kind: controllerKind, owner_is_controller: 'true' },
          value: 1,
        })),
    },
  ];
}

function namespaceFamilies(namespaces: readonly NamespaceGauges[]): GaugeFamily[] {
  return [
    {
      name: 'kube_namespace_labels',
      help: 'Labels of a namespace.',
      samples: Iterator.from(namespaces).map(({ namespace, labels }) => ({
        labels: { namespace, ...prefixed(labels) },
        value: 1,
      })),
    },
    {
      name: 'kube_namespace_annotations',
      help: 'Annotations of a namespace.',
      samples: Iterator.from(namespaces)
        .filter(({ annotations }) => Object.keys(annotations).length > 0)
        .map(({ namespace, annotations }) => ({
          labels: { namespace, ...prefixed(annotations, 'annotation_') },
          value: 1,
        })),
    },
  ];
}

function requestSamples(one: ContainerGauges): GaugeSample[] {
  const { namespace, pod, podUid, container, node, requestCores, requestBytes } = one;
  const names = { namespace, pod, uid: podUid, container, node };
  return [
    { labels: { ...names, resource: 'cpu', unit: 'core' }, value: requestCores },
    { labels: { ...names, resource: 'memory', unit: 'byte' }, value: requestBytes },
  ].filter(({ value }) => value > 0);
}

/** Labels of one series beyond those that it is known by. */
const LABELS_MAX = 64;

/** Labels as kube-state-metrics writes them: `label_app_kubernetes_io_name`. */
export function prefixed(labels: Readonly<Record<string, string>>, prefix = 'label_'): Record<string, string> {
  const all = Object.entries(labels).map(([name, value]) => {
    const bare = sanitizeLabelName(name);
    return [bare.startsWith(prefix) ? bare : `${prefix}${bare}`, value] as const;
  });
  // Of two labels that become one the first stands.
  return Object.fromEntries(all.toReversed().slice(-LABELS_MAX));
}
