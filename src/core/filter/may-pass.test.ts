import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyFilter, hostileProperties } from '../../../test/support/allocation-properties.ts';
import { matches } from './matches.ts';
import { mayPass } from './may-pass.ts';
import { parseFilter } from './parser.ts';

const CLUSTERS = ['east', 'west', 'west-2'];

test('a cluster is left out only where the filter names others for all that it lets through', () => {
  const f = (filter: string, want: readonly string[]) =>
    expect(
      CLUSTERS.filter((cluster) => mayPass(parseFilter(filter), { cluster })),
      filter,
    ).toEqual(want);
  f('', CLUSTERS);
  f('namespace:"shop"', CLUSTERS);
  f('cluster:"east"', ['east']);
  f('cluster!:"east"', ['west', 'west-2']);
  f('cluster<~:"west"', ['west', 'west-2']);
  f('cluster:"east","west"+namespace!:"shop"', ['east', 'west']);
  f('cluster:"east"+cluster:"west"', []);
  // of an alternative that names none, every cluster may have something
  f('cluster:"east"|namespace:"shop"', CLUSTERS);
  f('(cluster:"east"+namespace:"shop")|(cluster:"west"+namespace:"data")', ['east', 'west']);
  f('(cluster:"east"|label[app]:"web")+cluster!:"west"', ['east', 'west-2']);
});

test('what a filter lets through, it may let through', () => {
  fc.assert(
    fc.property(anyFilter(), hostileProperties(), (filter, thing) => {
      const { cluster, namespace } = thing;
      if (!matches(filter, thing)) return;
      expect(mayPass(filter, { cluster })).toBe(true);
      expect(mayPass(filter, { cluster, namespace })).toBe(true);
    }),
    { numRuns: 500 },
  );
});
