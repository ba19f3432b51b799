import { type BenchLedger, openBenchLedger } from './ledger.ts';

/** What benches of one run share: a large ledger takes longer to write than to measure. */
export interface BenchLab {
  /** Made when it is first asked for. */
  ledger(): Promise<BenchLedger>;
  close(): Promise<void>;
}

export function openBenchLab(): BenchLab {
  let made: Promise<BenchLedger> | undefined;
  return {
    ledger: () => (made ??= openBenchLedger()),
    close: async () => (await made)?.close(),
  };
}
