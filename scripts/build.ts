import { buildServer, buildWeb } from './lib/build.ts';

/** Builds the server and its page, each only when its inputs have changed. */
const start = performance.now();
const [server, web] = await Promise.all([buildServer(), buildWeb()]);
const parts = [
  [server, 'dist'],
  [web, 'web/dist'],
].map(([built, name]) => `${name} ${built ? 'built' : 'unchanged'}`);
console.log(`${parts.join(', ')} (${((performance.now() - start) / 1_000).toFixed(1)} s)`);
