import { expect, test } from 'vitest';
import { parseAgentPost } from './agent/agent.ts';
import { parseCollectorPost } from './collector/collector.ts';
import { SOURCE_LIMITS } from './source.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const options = { now: NOW, limits: SOURCE_LIMITS };

test.each(['__idle__', '__overcommit__', '__x'])(
  'no source can post into the ledger’s own namespace %s',
  (namespace) => {
    const agent = {
      cluster_name: 'c',
      timestamp: NOW / 1000,
      pod_metrics: [{ pod_name: 'p', namespace, node_name: 'n' }],
    };
    const collector = {
      timestamp: new Date(NOW).toISOString(),
      node_name: 'n',
      hostname: 'n',
      pods: [{ pod_id: 'u', namespace, name: 'p' }],
    };
    for (const parsed of [parseAgentPost(agent, options), parseCollectorPost(collector, options)]) {
      expect(parsed.batch.containers).toEqual([]);
      expect(parsed.rejected[0]?.field).toContain('namespace');
    }
  },
);
