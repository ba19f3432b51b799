import { chmod, cp, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { filesUnder, unlessUnchanged } from './inputs.ts';
import { mustRunTool, ROOT } from './run.ts';

const COMMON_INPUTS = ['package.json', 'package-lock.json', 'tsconfig.json'];
const SERVER_INPUTS = ['src', 'tsconfig.build.json', ...COMMON_INPUTS];
/** The page takes its contracts from the server's sources. */
const WEB_INPUTS = ['web', 'src/contracts', 'src/lib', ...COMMON_INPUTS];

/** Compiles src/ to dist/ and puts beside it what the sources read at run time (SQL above all). Whether it had to. */
export function buildServer(): Promise<boolean> {
  return unlessUnchanged('dist/.inputs', SERVER_INPUTS, async () => {
    await rm(join(ROOT, 'dist'), { recursive: true, force: true });
    await mustRunTool('tsc', ['-p', 'tsconfig.build.json']);
    for (const file of await filesUnder(['src'])) {
      if (isAsset(file)) await cp(file, join(ROOT, 'dist', relative(join(ROOT, 'src'), file)));
    }
    await chmod(join(ROOT, 'dist/main.js'), 0o755);
  });
}

/** Builds the page into web/dist/. Whether it had to. */
export function buildWeb(): Promise<boolean> {
  return unlessUnchanged('web/dist/.inputs', WEB_INPUTS, () =>
    mustRunTool('vite', ['build', 'web', '--logLevel', 'error']),
  );
}

function isAsset(file: string): boolean {
  return !/\.tsx?$/.test(file) && !file.includes('/testdata/');
}
