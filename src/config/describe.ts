import { Document, isNode } from 'yaml';
import type { LoadedConfig } from './load.ts';

/** The whole configuration as YAML, each value with the place it came from. Secrets show as `[secret]`. */
export function describeConfig({ config, origins }: LoadedConfig): string {
  const document = new Document(JSON.parse(JSON.stringify(config)));
  for (const [key, origin] of origins) {
    const node = document.getIn(key.split('.'), true);
    if (isNode(node)) node.comment = ` ${origin}`;
  }
  return document.toString({ lineWidth: 0 });
}
