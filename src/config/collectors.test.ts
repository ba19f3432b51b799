import { describe, expect, test } from 'vitest';
import { loadConfig } from './load.ts';

const load = (environment: Record<string, string>) => loadConfig({ environment }).config;

describe('collectors and agents are set up by the names that their forerunners took', () => {
  test('of a collector', () => {
    const { collect } = load({
      PUSH_ENDPOINT: 'http://aggregator:8888/metrics',
      SCRAPE_INTERVAL: '15',
      JITTER_PERCENT: '10',
      MAX_CONSECUTIVE_FAILURES: '0',
      NODE_NAME: 'n1',
      CLUSTER_NAME: 'blue',
    });
    expect(collect).toMatchObject({
      endpoint: 'http://aggregator:8888/metrics',
      intervalSeconds: 15,
      jitterPercent: 10,
      consecutiveFailuresMax: 0,
      nodeName: 'n1',
      clusterName: 'blue',
    });
  });

  test('of an agent; its key is never shown', () => {
    const { agent } = load({
      AGENT_SERVER_URL: 'http://server/v1/ingest',
      AGENT_API_KEY: 'id:secret',
      AGENT_CLUSTER_NAME: 'green',
      CLUSTER_NAME: 'blue',
    });
    expect(agent).toMatchObject({ serverUrl: 'http://server/v1/ingest', clusterName: 'green' });
    expect(agent.apiKey?.reveal()).toBe('id:secret');
    expect(JSON.stringify(agent)).not.toContain('id:secret');
  });

  test('a key may end with the line break of the file that it was read from, and has none within', () => {
    expect(load({ AGENT_API_KEY: 'id:secret\n' }).agent.apiKey?.reveal()).toBe('id:secret');
    expect(() => load({ AGENT_API_KEY: 'id:\nsecret' })).toThrow(/what a header can carry(?!.*id:)/s);
  });

  test('times may have a unit; what is none is refused by name', () => {
    const f = (text: string, seconds: number) =>
      expect(load({ SCRAPE_INTERVAL: text }).collect.intervalSeconds).toBe(seconds);
    f('45', 45);
    f('45s', 45);
    f('2m', 120);
    f('1h', 3_600);
    expect(() => load({ SCRAPE_INTERVAL: 'soon' })).toThrow(/SCRAPE_INTERVAL/);
    expect(() => load({ SCRAPE_INTERVAL: '0' })).toThrow(/collect\.intervalSeconds/);
  });
});
