const SCHEME = /^(?:Bearer|Basic) /i;
const BASIC = /^Basic /i;

/**
 * What an upstream says, without the credentials that it was sent and may quote: the headers' values, and the password of
 * Basic ones. To be called before the text is cut: half a secret is not found any more.
 */
export function withoutSecrets(text: string, headers: Readonly<Record<string, string>>): string {
  const secrets = Object.values(headers)
    .flatMap((value) => [value, value.replace(SCHEME, ''), passwordOf(value)])
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  return secrets
    .filter((secret) => secret.length > 0)
    .toSorted((a, b) => b.length - a.length) // a secret within another one must not leave the rest of it standing
    .reduce((kept, secret) => kept.replaceAll(secret, '[secret]'), text);
}

function passwordOf(value: string): string {
  if (!BASIC.test(value)) return '';
  const pair = Buffer.from(value.replace(SCHEME, ''), 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}
