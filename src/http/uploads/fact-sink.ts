import type { HourFact } from '../../core/hour-facts.ts';
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

/** More than one group of the intake holds, so that one is written while the next is read. */
const BATCH_FACTS = 10_000;
const UNDER_WAY_MAX = 7;

export function createFactSink(
  intake: Pick<Intake, 'accept'>,
  { target, signal }: { readonly target: IntakeTarget; readonly signal: AbortSignal },
): FactSink {
  const underWay: Promise<void>[] = [];
  let waiting: HourFact[] = [];
  let newestHour: number | null = null;

  function send(): void {
    const accepting = intake.accept(target, factBatch(waiting), signal);
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
