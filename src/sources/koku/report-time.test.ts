import { expect, test } from 'vitest';
import { createTimeReader, parseReportTime } from './report-time.ts';

test('an instant is read in every layout that operators have used', () => {
  const f = (text: string, want: number) => expect(parseReportTime(text), text).toBe(want);
  f('2025-05-17 14:00:00 +0000 UTC', Date.UTC(2025, 4, 17, 14));
  f('2025-05-17 14:00:00 +0000', Date.UTC(2025, 4, 17, 14));
  f('2025-05-17 16:00:00 +0200 CEST', Date.UTC(2025, 4, 17, 14));
  f('2025-05-17T14:00:00Z', Date.UTC(2025, 4, 17, 14));
  f('2021-07-20T18:01:21.705677301Z', Date.UTC(2021, 6, 20, 18, 1, 21, 705));
  f('2119-02-05 16:18:40.706683', Date.UTC(2119, 1, 5, 16, 18, 40, 706));
});

test('what is no instant is none, also the second time', () => {
  const read = createTimeReader();
  for (const text of [
    '',
    'yesterday',
    '2025-02-30 14:00:00 +0000 UTC',
    '2025-05-17',
    '1747490400',
    'x'.repeat(1_000),
  ]) {
    expect([read(text), read(text)], text).toEqual([Number.NaN, Number.NaN]);
  }
});
