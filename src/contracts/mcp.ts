import { z } from 'zod';
import { defineRoute } from './route.ts';

const Id = z.union([z.string(), z.number()]);

/** A request of the Model Context Protocol, which is JSON-RPC; it is checked by the protocol's own library. */
const McpRequest = z.object({
  jsonrpc: z.literal('2.0'),
  id: Id.optional().describe('Left out in a notification, which is not answered'),
  method: z.enum(['initialize', 'notifications/initialized', 'ping', 'tools/list', 'tools/call']),
  params: z.record(z.string(), z.unknown()).optional(),
});

const McpReply = z.union([
  z.looseObject({ jsonrpc: z.literal('2.0'), id: Id, result: z.record(z.string(), z.unknown()) }),
  z.looseObject({
    jsonrpc: z.literal('2.0'),
    id: Id.nullish(),
    error: z.looseObject({ code: z.int(), message: z.string() }),
  }),
  z.literal(''),
]);

export const mcpEndpoint = defineRoute({
  method: 'POST',
  url: '/mcp',
  summary: 'Model Context Protocol over streamable HTTP, for assistants: see docs/mcp.md',
  scope: 'read',
  sourceBody: McpRequest,
  reply: McpReply,
  otherStatuses: {
    202: 'A notification was taken; no body',
    400: 'No message of the protocol, or a version of it that is not known here',
  },
});
