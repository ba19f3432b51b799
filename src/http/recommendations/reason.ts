import type { RequestAdvice } from '../../core/right-sizing/advise.ts';
import type { WorkloadHistory } from '../../core/right-sizing/history.ts';

const MICRO_PER_MILLICORE = 1_000;
const MIB = 2 ** 20;

/** The advice in a sentence: `CPU: asks for 500 m, used 120 m at most: ask for 172 m. Memory: …`. */
export function reasonOf({ cpu, ram, observedHours }: WorkloadHistory, advice: RequestAdvice): string {
  const ofCpu = sentence('CPU', { ...cpu, recommended: advice.cpu.recommended }, millicores);
  const ofRam = sentence('Memory', { ...ram, recommended: advice.ram.recommended }, mebibytes);
  return `In ${observedHours} hours: ${ofCpu} ${ofRam}`;
}

interface Said {
  readonly requested: bigint;
  readonly usageMax: bigint;
  readonly recommended: bigint | null;
}

function sentence(name: string, { requested, usageMax, recommended }: Said, show: (amount: bigint) => string): string {
  if (recommended === null) return `${name}: its use is not known.`;
  const asks = requested === 0n ? 'asks for nothing' : `asks for ${show(requested)}`;
  return `${name}: ${asks}, used ${show(usageMax)} at most; ask for ${show(recommended)}.`;
}

function millicores(microCores: bigint): string {
  return `${short(Number(microCores) / MICRO_PER_MILLICORE)} m`;
}

function mebibytes(bytes: bigint): string {
  return `${short(Number(bytes) / MIB)} MiB`;
}

function short(amount: number): string {
  return String(Math.round(amount * 10) / 10);
}
