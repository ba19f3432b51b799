import { expect, test } from 'vitest';
import { withoutSecrets } from './without-secrets.ts';

test('no credential that was sent is left in what an upstream says, in whatever form it quotes it', () => {
  const basic = `Basic ${Buffer.from('finance:hunter:2"').toString('base64')}`;
  const f = (text: string, headers: Record<string, string>, want: string) =>
    expect(withoutSecrets(text, headers)).toBe(want);
  f('no user has Bearer abc', { authorization: 'Bearer abc' }, 'no user has [secret]');
  f('the token abc is old', { authorization: 'bearer abc' }, 'the token [secret] is old');
  f(`got ${basic}`, { Authorization: basic }, 'got [secret]');
  f('finance:hunter:2" is wrong', { Authorization: basic }, 'finance:[secret] is wrong');
  f(String.raw`{"error":"hunter:2\" is wrong"}`, { Authorization: basic }, '{"error":"[secret] is wrong"}');
  f('org abcd, not abc', { a: 'abc', b: 'abcd' }, 'org [secret], not [secret]');
  f('nothing to hide', { a: '' }, 'nothing to hide');
});
