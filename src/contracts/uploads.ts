import { z } from 'zod';
import { Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

/** What became of one file of an upload. */
export const UploadedFile = z.object({
  name: z.string(),
  kind: z.string().nullable().describe('The report that its header is of'),
  status: z
    .enum(['taken', 'skipped', 'refused', 'missing'])
    .describe('`missing`: the manifest lists it, and no archive has brought it yet'),
  rows_taken: z.int().min(0),
  rows_refused: z.int().min(0),
  reason: z.string().optional().describe('Why it was not taken, or not all of it'),
  refused: z
    .array(z.object({ line: z.int().min(1), column: z.string(), message: z.string() }))
    .describe('The first refused rows; lines count from the header’s, 1'),
});
export type UploadedFile = z.infer<typeof UploadedFile>;

export const UploadReply = z.object({
  message: z.literal('File processed successfully'),
  uuid: Uuid.describe('Ask for the outcome by it: GET /v1/uploads/{uuid}'),
  cluster: z.string(),
  cluster_id: Uuid,
  files: z.array(UploadedFile),
});
export type UploadReply = z.infer<typeof UploadReply>;

const Archive = z.object({
  file: z
    .string()
    .describe('A tar.gz of CSV reports and their manifest.json, as the cost-management operators pack it'),
});

const upload = {
  method: 'POST',
  summary: 'The hourly reports of a cluster’s cost-management operator; durable once answered',
  scope: 'ingest',
  anonymous: 'uploads',
  status: 202,
  sourceBody: Archive,
  consumes: 'multipart/form-data',
  reply: UploadReply,
} as const;

export const uploadReports = defineRoute({ ...upload, url: '/api/ingress/v1/upload' });

/** The same under a spelling that has been in use. */
export const uploadReportsMisspelt = defineRoute({ ...upload, url: '/api/ingres/v1/upload' });

export const UploadStatus = z.object({
  uuid: Uuid,
  uploads: z.array(
    z.object({
      cluster: z.string(),
      cluster_id: Uuid,
      received_at: z.string().describe('When its last archive came'),
      complete: z.boolean().describe('No file is missing'),
      files: z.array(UploadedFile),
    }),
  ),
});

export const uploadStatus = defineRoute({
  method: 'GET',
  url: '/v1/uploads/:uuid',
  summary: 'What became of an upload, over all archives of its manifest; known for 60 days',
  scope: 'read',
  orScope: 'ingest',
  params: z.object({ uuid: Uuid }),
  reply: UploadStatus,
});
