import { readFileSync, statSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { entriesOf, isTree, type Layer } from './layers.ts';
import type { Problem } from './problems.ts';

const FILE_BYTES_MAX = 1_048_576;
/** Enough for any honest file, too little for one that unfolds without end. */
const ALIASES_MAX = 100;

export interface FileLayer {
  readonly layer: Layer;
  readonly problems: readonly Problem[];
}

/** Reads a YAML (or JSON) file. What cannot be read is a problem, not an exception, so that it is told with the others. */
export function readConfigFile(file: string): FileLayer {
  try {
    if (statSync(file).size > FILE_BYTES_MAX) return unreadable(file, `is larger than ${FILE_BYTES_MAX} bytes`);
    return parseConfigText(readFileSync(file, 'utf8'), file);
  } catch (error) {
    return unreadable(file, error instanceof Error ? error.message : String(error));
  }
}

/** `prettyErrors` is off because it would quote the file, and with it perhaps a password. */
export function parseConfigText(text: string, file: string): FileLayer {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      key: '',
      message: firstLine(error.message),
      origin: `${file}:${lines.linePos(error.pos[0]).line}`,
    }));
    return { layer: [], problems };
  }
  const value: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
  if (value === null || value === undefined) return { layer: [], problems: [] };
  if (!isTree(value)) return unreadable(file, 'expected keys and values');
  const originOf = (path: readonly string[]): string => {
    const node = document.getIn(path, true);
    const offset = isNode(node) ? node.range?.[0] : undefined;
    return offset === undefined ? file : `${file}:${lines.linePos(offset).line}`;
  };
  return { layer: entriesOf(value, originOf), problems: [] };
}

function unreadable(file: string, message: string): FileLayer {
  return { layer: [], problems: [{ key: '', message, origin: file }] };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
