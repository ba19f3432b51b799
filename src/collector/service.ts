import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';

export interface Surroundings {
  readonly clock: Clock;
  readonly log: Logger;
}

/** Something that runs until it is closed or can go on no longer. */
export interface RunningService {
  /** Where its own health and metrics are. */
  readonly url: string;
  /** Rejects when it can go on no longer. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}
