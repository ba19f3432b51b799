import type { HourFact } from '../../core/hour-facts.ts';
import type { SampleBatch } from '../../core/samples.ts';
import { factBatch } from '../../sources/koku/koku.ts';
import type { Intake, IntakeTarget } from '../dependencies.ts';

/** Facts of one delivery on their way to the intake, some batches at a time: a large upload costs the memory of those. */
export interface FactSink {
  /** What it returns, if anything, is to be waited for before the next. Throws what the intake threw. */
  take(fact: HourFact): Promise<void> | undefined;
  /** Resolves when all is durable. */
  finish(): Promise<void>;
  /** The newest hour taken, milliseconds; `null` before any. */
  readonly newestHour: number | null;
}

export interface FactSinkOptions {
  /** Asked when there is something to be written, and not before. */
  readonly target: () => Promise<IntakeTarget>;
  readonly signal: AbortSignal;
}

/** More than one group of the intake holds, so that one is written while the next is read. */
const BATCH_FACTS = 10_000;
const UNDER_WAY_MAX = 7;

export function createFactSink(intake: Pick<Intake, 'accept'>, { target, signal }: FactSinkOptions): FactSink {
  const underWay: Promise<void>[] = [];
  let waiting: HourFact[] = [];
  let newestHour: number | null = null;

  async function accept(batch: SampleBatch): Promise<void> {
    await intake.accept(await target(), batch, signal);
  }

  function send(): void {
    const accepting = accept(factBatch(waiting));
    accepting.catch(() => {}); // whoever waits for it hears of it
    underWay.push(accepting);
    waiting = [];
  }

  return {
    take(fact) {
      waiting.push(fact);
      if (newestHour === null || fact.hour > newestHour) newestHour = fact.hour;
      if (waiting.length < BATCH_FACTS) return undefined;
      send();
      return underWay.length < UNDER_WAY_MAX ? undefined : underWay.shift();
    },
    async finish() {
      if (waiting.length > 0) send();
      await Promise.all(underWay.splice(0));
    },
    get newestHour() {
      return newestHour;
    },
  };
}
