import { expect, test } from 'vitest';
import { parseZone, unitStart } from './zone.ts';

test('a zone is one that exists, in its own spelling', () => {
  const f = (text: string, want: string) => expect(parseZone(text), text).toBe(want);
  f('UTC', 'UTC');
  f('europe/berlin', 'Europe/Berlin');
  f('America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires');
  f('Etc/GMT+5', 'Etc/GMT+5');
  f('-07:00', '-07:00');
});

test('what is no zone is refused by the name of its parameter', () => {
  for (const text of [
    '',
    'Mars/Olympus',
    'Europe',
    '+25:00',
    '7',
    '2026-01-01T00:00Z',
    'UTC[u-ca=x]',
    `A${'a'.repeat(99)}`,
    '\u0000',
    '../etc',
  ]) {
    expect(() => parseZone(text), text).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/there is no time zone .*Europe\/Berlin/),
        details: { field: 'zone' },
      }),
    );
  }
});

test('a unit starts where the calendar of the zone says', () => {
  const f = (unit: Parameters<typeof unitStart>[1], zone: string, want: string, move = 0) => {
    const at = unitStart(Date.parse('2026-05-20T22:30:00Z'), unit, { zone: parseZone(zone), move });
    expect(new Date(at).toISOString(), `${unit} ${zone} ${move}`).toBe(`${want}.000Z`);
  };
  f('hour', 'Asia/Kolkata', '2026-05-20T22:00:00');
  f('hour', 'UTC', '2026-05-21T00:00:00', 2);
  f('day', 'Europe/Berlin', '2026-05-20T22:00:00');
  f('week', 'UTC', '2026-05-17T00:00:00');
  f('week', 'UTC', '2026-05-24T00:00:00', 1);
  f('month', 'Asia/Tokyo', '2026-04-30T15:00:00');
  f('quarter', 'UTC', '2026-04-01T00:00:00');
  f('quarter', 'UTC', '2026-01-01T00:00:00', -1);
  f('quarter', 'Europe/Berlin', '2026-12-31T23:00:00', 3);
});
