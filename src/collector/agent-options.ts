import type { Config } from '../config/schema.ts';

export interface AgentOptions {
  readonly settings: Config['agent'];
  readonly dataDir: string;
  readonly debugKubernetesApi: boolean;
}
