import { z } from 'zod';
import { defineRoute } from './route.ts';

export const selfMetrics = defineRoute({
  method: 'GET',
  url: '/metrics',
  summary: 'The server’s own metrics, for Prometheus; with `cluster`, OpenCost’s gauges of that cluster',
  open: 'scraped without a key; it counts requests and rows, and names no tenant. With `cluster` it needs a key with the scope `read`',
  keyed: { query: 'cluster', scope: 'read' },
  query: z.object({
    cluster: z
      .string()
      .max(253)
      .optional()
      .describe('Id or name of a cluster; nothing (`cluster=`) is the one that the key is bound to'),
  }),
  produces: 'text/plain',
  reply: z.string(),
});

export const openApi = defineRoute({
  method: 'GET',
  url: '/openapi.json',
  summary: 'This description, OpenAPI 3.1',
  open: 'documentation; the same for everybody',
  reply: z.looseObject({ openapi: z.string() }),
});
