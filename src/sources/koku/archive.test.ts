import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { packTar, type TarHeader } from 'modern-tar';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../lib/errors.ts';
import { type Member, readMembers } from './archive.ts';
import { surveyArchive } from './koku.ts';
import { MEMBERS_MAX } from './limits.ts';

type Entry = Partial<TarHeader> & { readonly name: string; readonly body?: string };

const MANIFEST: Entry = { name: 'manifest.json', body: JSON.stringify({ cluster_id: 'c', files: ['a.csv'] }) };

async function packed(entries: readonly Entry[]): Promise<Buffer> {
  const tar = await packTar(
    entries.map(({ body = '', ...header }) => ({
      header: { size: Buffer.byteLength(body), mtime: new Date(0), ...header },
      body: Buffer.from(body),
    })),
  );
  return gzipSync(tar);
}

function membersOf(bytes: Uint8Array, unpackedBytesMax = 2 ** 30): AsyncGenerator<Member> {
  return readMembers(Readable.from([bytes], { objectMode: false }), { unpackedBytesMax });
}

/** Names and texts, in order. */
async function unpacked(bytes: Uint8Array): Promise<[string, string][]> {
  const members: [string, string][] = [];
  for await (const { name, body } of membersOf(bytes)) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    members.push([name, Buffer.concat(chunks).toString()]);
  }
  return members;
}

async function refusal(bytes: Uint8Array, unpackedBytesMax?: number): Promise<string> {
  try {
    await surveyArchive(membersOf(bytes, unpackedBytesMax));
  } catch (error) {
    if (error instanceof AppError) return `${error.status} ${error.message}`;
    throw error;
  }
  return 'taken';
}

test('members come in order and whole; shadows of macOS and the folder itself do not come at all', async () => {
  const long = 'x'.repeat(300_000);
  const archive = await packed([
    { name: './', type: 'directory' },
    { name: './._manifest.json', body: 'binary' },
    { name: './a.csv', body: long },
    { name: '._a.csv', body: 'binary' },
    { name: 'empty.csv' },
    { ...MANIFEST, name: './manifest.json' },
  ]);
  expect(await unpacked(archive)).toEqual([
    ['a.csv', long],
    ['empty.csv', ''],
    ['manifest.json', MANIFEST.body],
  ]);
});

test('a member that is left alone does not stand in the way of the next', async () => {
  const names: string[] = [];
  const archive = await packed([{ name: 'a.csv', body: 'x'.repeat(3_000_000) }, MANIFEST]);
  for await (const { name } of membersOf(archive)) {
    names.push(name);
  }
  expect(names).toEqual(['a.csv', 'manifest.json']);
});

describe('an archive is refused', () => {
  test('for names and kinds that are not a plain file’s', async () => {
    const f = async (entry: Entry, message: string) =>
      expect(await refusal(await packed([MANIFEST, entry])), entry.name).toBe(`400 ${message}`);
    for (const name of [
      '../a.csv',
      '/etc/passwd',
      'a/b.csv',
      'sub/manifest.json',
      'a\\b.csv',
      '..',
      './../a',
      'a\u0007.csv',
    ]) {
      await f({ name, body: 'x' }, `its member "${name.replace('\u0007', '?')}" is not a plain file name`);
    }
    await f({ name: 'l', type: 'symlink', linkname: '/etc/passwd' }, 'its member "l" is a symlink, not a file');
    await f({ name: 'l', type: 'link', linkname: 'manifest.json' }, 'its member "l" is a link, not a file');
    await f({ name: 'd/', type: 'directory' }, 'its member "d/" is a directory, not a file');
    await f({ name: 'p', type: 'fifo' }, 'its member "p" is a fifo, not a file');
  });

  test('for two members of one name', async () => {
    for (const name of ['a.csv', 'manifest.json']) {
      const twice = await packed([
        { ...MANIFEST, name },
        { ...MANIFEST, name: `./${name}` },
      ]);
      expect(await refusal(twice)).toBe(`400 it has two members called "${name}"`);
    }
  });

  test('for too many members, too many bytes, or too many for its size', async () => {
    const many = Array.from({ length: MEMBERS_MAX + 1 }, (_, i) => ({ name: `${i}` }));
    expect(await refusal(await packed(many))).toMatch(/^422 .*1000 members/);
    const large = await packed([{ name: 'a', body: 'ab'.repeat(500_000) }, MANIFEST]);
    expect(await refusal(large, 100_000)).toMatch(/^413 .*100000 bytes/);
    expect(await refusal(large, 2_000_000)).toBe('taken');
    const bomb = await packed([{ name: 'a', body: '\0'.repeat(40 * 2 ** 20) }, MANIFEST]);
    expect(await refusal(bomb)).toMatch(/^413 .*250 times/);
  });

  test('that has no manifest, or one that says nothing', async () => {
    const f = async (body: string | undefined, message: RegExp) =>
      expect(
        await refusal(
          await packed([{ name: 'a.csv' }, ...(body === undefined ? [] : [{ name: 'manifest.json', body }])]),
        ),
      ).toMatch(message);
    await f(undefined, /^400 no manifest.json found in tar archive/);
    await f('', /^400 manifest.json is not JSON/);
    await f('[]', /^400 manifest.json cannot be used/);
    await f('{}', /^400 manifest.json cannot be used: cluster_id/);
    await f('{"cluster_id":"c","files":["../a"]}', /plain name/);
    await f('{"cluster_id":"c","uuid":"7"}', /uuid/);
    await f('{"cluster_id":"c","files":null}', /^taken/);
    await f(
      '{"cluster_id":"my-cluster-1","date":"tomorrow","cr_status":7,"resource_optimization_files":["r.csv"]}',
      /^taken/,
    );
  });

  test('wherever it is cut short, and whatever is put in the place of any byte', async () => {
    const whole = await packed([{ name: 'a.csv', body: 'interval_start,node,node_labels\n'.repeat(50) }, MANIFEST]);
    expect(await refusal(whole)).toBe('taken');
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), async (length) => {
        expect(await refusal(whole.subarray(0, length))).toMatch(/^400 /);
      }),
      { numRuns: 60 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 10, max: whole.length - 9 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, xor) => {
          const broken = Buffer.from(whole);
          broken[at] = (broken[at] ?? 0) ^ xor;
          const refused = await refusal(broken); // gzip's checksum sees any change, but for bits that mean nothing
          if (refused !== 'taken') expect(refused).toMatch(/^(400|413|422) /);
          else expect(gunzipSync(broken).equals(gunzipSync(whole))).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('when it is no archive at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), fc.boolean(), async (bytes, zipped) => {
        expect(await refusal(zipped ? gzipSync(bytes) : bytes)).toMatch(/^400 /);
      }),
      { numRuns: 150 },
    );
  });
});

test('a member of which only the beginning is read does not stand in the way either', async () => {
  const archive = await packed([
    { name: 'a.csv', body: 'x'.repeat(3_000_000) },
    { name: 'b.csv', body: 'y' },
    MANIFEST,
  ]);
  const names: string[] = [];
  for await (const { name, body } of membersOf(archive)) {
    names.push(name);
    for await (const _ of body) break;
  }
  expect(names).toEqual(['a.csv', 'b.csv', 'manifest.json']);
});
