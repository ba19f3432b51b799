import { z } from 'zod';
import { AppError } from '../../lib/errors.ts';

/** One line of a watch. */
interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: unknown;
  /** Where to watch on from after it. */
  readonly version: string;
}

const Event = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']),
  object: z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string() }) }),
});

const Failure = z.object({
  type: z.literal('ERROR'),
  object: z.object({ code: z.number(), message: z.string().nullish() }),
});

/** Throws what the API reports in place of an event, with its status; and `details.lostEvent` where a line is no event. */
export function readEvent(line: string): WatchEvent {
  const value = parse(line);
  const event = Event.safeParse(value);
  if (event.success) {
    const { type, object } = event.data;
    return { type, object, version: object.metadata.resourceVersion };
  }
  const failure = Failure.safeParse(value);
  if (!failure.success) throw lostEvent();
  const { code, message } = failure.data.object;
  throw new AppError('upstream_unavailable', `the Kubernetes API ended the watch with ${code}: ${message ?? ''}`, {
    details: { status: code },
  });
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw lostEvent();
  }
}

function lostEvent(): AppError {
  return new AppError('upstream_unavailable', 'cannot read an event of the watch', { details: { lostEvent: true } });
}
