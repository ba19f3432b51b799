import type { Tool as ToolListing } from '@modelcontextprotocol/sdk/types.js';
import { ToolSchema } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { Tool } from './tool.ts';

/** Clients check answers with it, and many of them know no later draft. */
const DIALECT = 'draft-7';

/** A tool as clients are told of it. Every tool only reads, and asks nothing of the world outside. */
export function describeTool({ name, title, description, input, output }: Tool): ToolListing {
  return ToolSchema.parse({
    name,
    title,
    description,
    inputSchema: z.toJSONSchema(input, { io: 'input', target: DIALECT, unrepresentable: 'any' }),
    outputSchema: z.toJSONSchema(output, { io: 'output', target: DIALECT, unrepresentable: 'any' }),
    annotations: { title, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  });
}
