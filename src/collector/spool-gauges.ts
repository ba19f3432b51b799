import type { Clock } from '../lib/clock.ts';
import { SECOND_MS } from '../lib/clock.ts';
import type { Courier } from './courier.ts';
import type { Spool } from './spool.ts';
import type { Gauge } from './telemetry.ts';

/** What `GET /metrics` tells of a spool and of the way to the server. */
export function spoolGauges(spool: Spool, courier: Courier, clock: Clock): Gauge[] {
  const { records, bytes, droppedRecords, damagedSegments } = spool.state;
  const deliveredAt = courier.lastDeliveredAt;
  return [
    { name: 'kubetally_spool_records', help: 'Records not delivered yet.', value: records },
    { name: 'kubetally_spool_bytes', help: 'Their size on disk.', value: bytes },
    {
      name: 'kubetally_spool_dropped_records',
      help: 'Records deleted unsent since the start because the spool was full.',
      value: droppedRecords,
    },
    {
      name: 'kubetally_spool_damaged_segments',
      help: 'Files of the spool found damaged since the start.',
      value: damagedSegments,
    },
    {
      name: 'kubetally_spool_seconds_since_delivery',
      help: 'Since the server last took something.',
      value: deliveredAt === null ? null : Math.max(0, clock.now() - deliveredAt) / SECOND_MS,
    },
  ];
}
