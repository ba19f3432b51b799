/** `node bench/run.ts [name…]`: the benches named, or all; each figure is one line of JSON as soon as it is known. */
import { benchAllocations } from './allocations.ts';
import { benchCollector } from './collector.ts';
import { benchHttp } from './http.ts';
import { benchIntake } from './intake.ts';
import { benchKubecost } from './kubecost.ts';
import { benchKubernetes } from './kubernetes.ts';
import { benchPull } from './pull.ts';
import { benchQueries } from './queries.ts';
import { benchRemoteWrite } from './remote-write.ts';
import { benchRollup } from './rollup.ts';
import { benchStart } from './start.ts';
import { benchStreams } from './streams.ts';
import type { Figure } from './support/figure.ts';
import { type BenchLab, openBenchLab } from './support/lab.ts';
import { benchUploads } from './uploads.ts';

const BENCHES: ReadonlyMap<string, (lab: BenchLab) => AsyncIterable<Figure>> = new Map([
  ['intake', benchIntake],
  ['http', benchHttp],
  ['remote-write', benchRemoteWrite],
  ['uploads', benchUploads],
  ['rollup', benchRollup],
  ['kubecost', benchKubecost],
  ['kubernetes', benchKubernetes],
  ['pull', benchPull],
  ['queries', benchQueries],
  ['allocations', benchAllocations],
  ['streams', benchStreams],
  ['start', benchStart],
  ['collector', benchCollector],
]);

async function run(names: readonly string[]): Promise<void> {
  const lab = openBenchLab();
  try {
    for (const name of names) {
      for await (const figure of BENCHES.get(name)?.(lab) ?? []) console.log(JSON.stringify(figure));
    }
  } finally {
    await lab.close();
  }
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !BENCHES.has(name));
if (unknown.length > 0) {
  console.error(`no bench is called ${unknown.join(', ')}; there are ${[...BENCHES.keys()].join(', ')}`);
  process.exitCode = 2;
} else {
  await run(asked.length > 0 ? asked : [...BENCHES.keys()]);
}
