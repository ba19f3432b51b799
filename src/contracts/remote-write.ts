import { z } from 'zod';
import { defineRoute } from './route.ts';

const WriteRequest = z
  .string()
  .describe(
    'prometheus.WriteRequest (remote write 1.0), or with `;proto=io.prometheus.write.v2.Request` in its media type that of 2.0; `Content-Encoding: snappy`',
  );

export const postRemoteWrite = defineRoute({
  method: 'POST',
  url: '/api/v1/write',
  summary: 'Prometheus remote write 1.0 and 2.0; durable once answered. `X-Kubetally-Cluster` may name the cluster',
  scope: 'ingest',
  status: 204,
  sourceBody: WriteRequest,
  consumes: 'application/x-protobuf',
  reply: z.undefined(),
});

/** As `diproxy` of OptScale has it. Not in the list of routes: its refusals are bare statuses, without a problem. */
export const STORAGE_WRITE_URL = '/storage/api/v2/write';
