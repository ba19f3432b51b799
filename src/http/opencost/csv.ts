import type { OpenCostAllocation } from '../../contracts/opencost.ts';
import type { AggregateKey } from '../../core/aggregate/aggregate-keys.ts';
import { csvCell } from '../../lib/csv.ts';
import { textChunks } from '../../lib/text-chunks.ts';
import { keyName } from '../allocations/row-names.ts';

/** The columns of OpenCost's CSV export, in its order. Costs hold what was corrected later. */
const COLUMNS = {
  Date: ({ window }) => window.start.slice(0, 'yyyy-mm-dd'.length),
  Namespace: ({ properties, name }) => properties.namespace ?? (name.includes('__') ? name : ''),
  ControllerKind: ({ properties }) => properties.controllerKind,
  ControllerName: ({ properties }) => properties.controller,
  Pod: ({ properties }) => properties.pod,
  Container: ({ properties }) => properties.container,
  CPUCoreUsageAverage: (row) => row.cpuCoreUsageAverage,
  CPUCoreRequestAverage: (row) => row.cpuCoreRequestAverage,
  RAMBytesUsageAverage: (row) => row.ramByteUsageAverage,
  RAMBytesRequestAverage: (row) => row.ramByteRequestAverage,
  NetworkReceiveBytes: (row) => row.networkReceiveBytes,
  NetworkTransferBytes: (row) => row.networkTransferBytes,
  GPUs: (row) => row.gpuCount,
  PVBytes: (row) => row.pvBytes,
  CPUCost: (row) => sum(row.cpuCost, row.cpuCostAdjustment),
  RAMCost: (row) => sum(row.ramCost, row.ramCostAdjustment),
  NetworkCost: (row) => sum(row.networkCost, row.networkCostAdjustment),
  PVCost: (row) => sum(row.pvCost, row.pvCostAdjustment),
  GPUCost: (row) => sum(row.gpuCost, row.gpuCostAdjustment),
  TotalCost: (row) => row.totalCost,
} as const satisfies Record<string, (row: OpenCostAllocation) => string | number | null | undefined>;

const CELLS = Object.values(COLUMNS);

/** Keys that have a column among these. */
const SHOWN = new Set(['namespace', 'controllerKind', 'controller', 'pod', 'container']);

export interface CsvRow {
  readonly shown: OpenCostAllocation;
  /** The values of the keys. */
  readonly values: readonly string[];
}

/** Lines of OpenCost's CSV export; after its columns one for each other key that was asked for. */
export async function* openCostCsv(
  sets: AsyncIterable<Iterable<CsvRow>>,
  keys: readonly AggregateKey[],
): AsyncGenerator<string> {
  const others = keys.flatMap((key, index) => (SHOWN.has(keyName(key)) ? [] : [{ index, name: columnName(key) }]));
  yield line([...Object.keys(COLUMNS), ...others.map(({ name }) => name)]);
  const lines = function* (rows: Iterable<CsvRow>) {
    for (const { shown, values } of rows) {
      const own = CELLS.map((cell) => cell(shown));
      yield line([...own, ...others.map(({ index }) => values[index])]);
    }
  };
  for await (const rows of sets) yield* textChunks(lines(rows));
}

/** `Label_app` as OpenCost writes it; `Cluster`, `Node`, `Team`. */
function columnName(key: AggregateKey): string {
  const name = keyName(key).replace(':', '_');
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function line(cells: readonly (string | number | null | undefined)[]): string {
  return `${cells.map((cell) => csvCell(cell ?? null)).join(',')}\r\n`;
}

/** Of numbers with five decimals, without what a double adds to their sum. */
function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Number((a + b).toFixed(5));
}
