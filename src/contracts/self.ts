import { z } from 'zod';
import { defineRoute } from './route.ts';

export const selfMetrics = defineRoute({
  method: 'GET',
  url: '/metrics',
  summary: 'The server’s own metrics, for Prometheus',
  open: 'scraped without a key; it counts requests and rows, and names no tenant',
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
