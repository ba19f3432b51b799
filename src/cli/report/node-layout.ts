import type { NodeGroup, NodeReport } from '../../contracts/node-report.ts';
import type { Cell, Column, Report } from './report.ts';

const LABEL = 'label:';

interface NodeColumn extends Column {
  readonly cell: (row: NodeGroup) => Cell;
  /** Of all rows, shown or not; null where a sum would mean nothing. */
  readonly total?: (answer: NodeReport) => Cell;
}

const COUNTS: readonly NodeColumn[] = [
  {
    title: 'vCPU-hours',
    id: 'vcpu_hours',
    kind: 'count',
    cell: (row) => row.vcpu_hours,
    total: ({ total }) => total.vcpu_hours,
  },
  { title: 'Peak vCPUs', id: 'peak_vcpus', kind: 'count', cell: (row) => row.peak_vcpus },
  { title: 'Peak at', id: 'peak_at', kind: 'text', cell: (row) => row.peak_at },
  {
    title: 'Node-hours',
    id: 'node_hours',
    kind: 'count',
    cell: (row) => row.node_hours,
    total: ({ total }) => total.node_hours,
  },
  { title: 'Peak nodes', id: 'peak_nodes', kind: 'count', cell: (row) => row.peak_nodes },
  { title: 'Nodes', id: 'nodes', kind: 'count', cell: (row) => row.node_count },
];

/** The report of nodes laid out: a column for each thing it is grouped by, then the counts. */
export function layoutNodes(answer: NodeReport): Report {
  const columns = [...groupColumns(answer), ...COUNTS];
  const { pagination, nodes } = answer;
  const isPart = pagination.total > nodes.length;
  return {
    subject: 'nodes',
    columns,
    rows: nodes.map((row) => columns.map(({ cell }) => cell(row))),
    totals: columns.map(({ total }) => total?.(answer) ?? null),
    coverage: answer.coverage,
    window: { start: answer.start_time, end: answer.end_time },
    notes: isPart ? [`${nodes.length} of ${pagination.total} rows shown; --limit shows more`] : [],
    answer,
  };
}

function groupColumns({ step, group_by }: NodeReport): NodeColumn[] {
  const label = group_by.find((group) => group.startsWith(LABEL));
  return [
    ...(step === 'day' ? [group('Date', 'date', (row) => row.date)] : []),
    ...(group_by.includes('cluster') ? [group('Cluster', 'cluster', (row) => row.cluster_name)] : []),
    ...(group_by.includes('node_type') ? [group('Type', 'node_type', (row) => row.node_type)] : []),
    ...(label === undefined ? [] : [group(label.slice(LABEL.length), 'label', (row) => row.label)]),
  ];
}

function group(title: string, id: string, cell: NodeColumn['cell']): NodeColumn {
  return { title, id, kind: 'text', cell };
}
