/** The integral of what a pod asked for and used over a window: exact, segment by segment. */
import type { ContainerRun, PodRun } from './pod-runs.ts';
import { segmentStart, usageAt } from './usage.ts';

/** Nanocore-milliseconds, byte-milliseconds and nano-GPU-milliseconds. */
export interface RunIntegral {
  /** `''` for a whole pod. */
  readonly container: string;
  readonly runMs: number;
  readonly cpuUsage: bigint;
  readonly cpuRequest: bigint;
  /** The integral of max(request, usage): what the charge is for. */
  readonly cpuHeld: bigint;
  readonly memoryUsage: bigint;
  readonly memoryRequest: bigint;
  readonly memoryHeld: bigint;
  readonly gpuUsage: bigint;
  readonly gpuRequest: bigint;
  readonly gpuHeld: bigint;
}

/** Half-open, in milliseconds. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

export type Grain = 'container' | 'pod';

/** One integral for each container of the pod, or one for the whole pod; none where it does not run in the window. */
export function integrate(run: PodRun, window: Window, grain: Grain): RunIntegral[] {
  const during = { from: Math.max(run.start, window.from), to: Math.min(run.end, window.to) };
  if (during.from >= during.to) return [];
  const parts = run.containers;
  if (grain === 'pod') return [{ container: '', ...integrateParts(parts, during) }];
  return parts.map((part) => ({ container: part.plan.name, ...integrateParts([part], during) }));
}

function integrateParts(parts: readonly ContainerRun[], { from, to }: Window): Omit<RunIntegral, 'container'> {
  const cpuRequest = sumOf(parts, ({ plan }) => plan.cpuRequest ?? 0);
  const memoryRequest = sumOf(parts, ({ plan }) => plan.memoryRequest ?? 0);
  const gpuRequest = sumOf(parts, ({ plan }) => plan.gpus * 1e9);
  const sums = { cpuUsage: 0n, cpuHeld: 0n, memoryUsage: 0n, memoryHeld: 0n, gpuUsage: 0n, gpuHeld: 0n };
  for (let at = from; at < to; ) {
    const end = Math.min(to, segmentEnd(parts, at));
    const ms = BigInt(end - at);
    let cpu = 0;
    let memory = 0;
    let gpu = 0;
    for (const { plan, track } of parts) {
      const usage = usageAt(plan.usage, track, at);
      cpu += usage.cpu;
      memory += usage.memory;
      gpu += usage.gpu;
    }
    sums.cpuUsage += BigInt(cpu) * ms;
    sums.cpuHeld += BigInt(Math.max(cpu, cpuRequest)) * ms;
    sums.memoryUsage += BigInt(memory) * ms;
    sums.memoryHeld += BigInt(Math.max(memory, memoryRequest)) * ms;
    sums.gpuUsage += BigInt(gpu) * ms;
    sums.gpuHeld += BigInt(Math.max(gpu, gpuRequest)) * ms;
    at = end;
  }
  const runMs = to - from;
  return {
    runMs,
    ...sums,
    cpuRequest: BigInt(cpuRequest) * BigInt(runMs),
    memoryRequest: BigInt(memoryRequest) * BigInt(runMs),
    gpuRequest: BigInt(gpuRequest) * BigInt(runMs),
  };
}

/** The containers of a pod share their segments. */
function segmentEnd([first]: readonly ContainerRun[], at: number): number {
  return first ? segmentStart(first.track, at) + first.track.segmentMs : Number.POSITIVE_INFINITY;
}

function sumOf(parts: readonly ContainerRun[], amount: (part: ContainerRun) => number): number {
  return parts.reduce((sum, part) => sum + amount(part), 0);
}
