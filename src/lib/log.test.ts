import { expect, test } from 'vitest';
import { createLogger } from './log.ts';

function capture(pretty = false) {
  const lines: string[] = [];
  const log = createLogger({ level: 'info', pretty, destination: { write: (line) => void lines.push(line) } });
  return { log, lines };
}

test('a secret is never written, wherever it hides', () => {
  const { log, lines } = capture();
  const headers = { authorization: 'S3CRET', 'x-api-key': 'S3CRET', cookie: 'S3CRET', host: 'here' };
  log.info({ secret: 'S3CRET', key: { secret: 'S3CRET' }, headers, request: { headers } }, 'called');
  log.child({ password: 'S3CRET' }).info({ 'x-api-key': 'S3CRET', database: { password: 'S3CRET' } }, 'opened');
  expect(lines).toHaveLength(2);
  expect(lines.join()).not.toContain('S3CRET');
  expect(lines.join()).toContain('"host":"here"');
});

test('an error is written with its message and stack', () => {
  const { log, lines } = capture();
  log.error({ error: new Error('broken pipe') }, 'insert failed');
  const [entry] = lines.map((line) => JSON.parse(line));
  expect(entry).toMatchObject({ level: 'error', msg: 'insert failed', error: { message: 'broken pipe' } });
  expect(entry.error.stack).toContain('log.test.ts');
});

test('lines for people hold the same facts', () => {
  const { log, lines } = capture(true);
  log.warn({ rows: 3 }, 'rows refused');
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}rows refused rows=3\n$/);
});
