/** Labels of nodes that name the pool they are of, as clouds and autoscalers write them. */
export const POOL_LABELS = [
  'eks_amazonaws_com_nodegroup',
  'cloud_google_com_gke_nodepool',
  'kubernetes_azure_com_agentpool',
  'agentpool',
  'karpenter_sh_nodepool',
  'karpenter_sh_provisioner_name',
] as const;

/** Operators and Prometheus write `label_` before a label's name. */
const bareLabels = (column: string) =>
  sanitizedMapSql(
    `mapApply((k, v) -> (replaceRegexpOne(k, '^label_', ''), v), CAST(${column}, 'Map(String, String)'))`,
  );
const LABELS = bareLabels('labels');
const POOL = `arrayFirst(x -> x != '', arrayMap(k -> ${bareLabels('node_labels')}[k], [${POOL_LABELS.map((label) => `'${label}'`).join(', ')}]))`;
const NO_MAP = `CAST(map(), 'Map(String, String)')`;

/** What keys and filters ask about, in the words of allocations.sql. Services and annotations are not in the ledger. */
const COLUMNS = {
  cluster: `transform(toString(cluster), {cluster_ids:Array(String)}, {cluster_names:Array(String)}, toString(cluster))`,
  node: 'node',
  namespace: 'namespace',
  controllerKind: 'lower(controller_kind)',
  controller: 'controller',
  pod: 'pod',
  container: 'container',
  providerId: 'provider_id',
  zone: 'zone',
  region: 'region',
  instanceType: 'instance_type',
  pool: POOL,
} as const;

export const FILTER_COLUMNS: FilterColumns = {
  ...COLUMNS,
  services: `CAST([], 'Array(String)')`,
  labels: LABELS,
  annotations: NO_MAP,
  namespaceLabels: NO_MAP,
};

/** The value of a key, of type `String`. Names of labels are bound as `<prefix>0`, `<prefix>1`, … */
export function keysSql(keys: readonly AggregateKey[], prefix = 'key_') {
  const params: Record<string, string> = {};
  const label = (name: string) => {
    const param = `${prefix}${Object.keys(params).length}`;
    params[param] = name;
    return `${LABELS}[{${param}:String}]`;
  };
  const values = keys.map((key) => `toString(${valueSql(key, label)})`);
  return { sql: values.length === 0 ? `CAST([], 'Array(String)')` : `[${values.join(', ')}]`, params };
}

function valueSql(key: AggregateKey, label: (name: string) => string): string {
  const { controller, controllerKind } = COLUMNS;
  switch (key.kind) {
    case 'text':
      return COLUMNS[key.property];
