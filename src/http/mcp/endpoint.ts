import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  InitializeRequestSchema,
  JSONRPCRequestSchema,
  ListToolsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { type CallDeps, callTool } from './call-tool.ts';
import { describeTool } from './describe-tool.ts';
import { INSTRUCTIONS } from './instructions.ts';
import type { Caller, Tool } from './tool.ts';

/** One message, as it came in a POST. */
export interface Message {
  readonly body: unknown;
  /** `MCP-Protocol-Version`, where the client names one. */
  readonly protocolVersion: string | undefined;
  readonly caller: Caller;
}

export interface MessageReply {
  readonly status: number;
  /** `''` where there is nothing to say. */
  readonly body: unknown;
}

interface EndpointDeps extends Omit<CallDeps, 'tools'> {
  readonly tools: readonly Tool[];
  readonly version: string;
}

/** Of no consequence: the transport asks for an address. */
const ADDRESS = 'http://localhost/mcp';

/**
 * Answers messages of the Model Context Protocol over HTTP, each on its own: there are no sessions, so any replica may answer
 * any message, and a client that leaves has nothing to clean up. Answers are plain JSON and never a stream of events.
 *
 * A message gets a server and a transport of its own: the library lets two callers read each other's answers where they share
 * one. Batches, which the protocol has dropped, are refused: one request under the key's rate is one call.
 */
export function createMcpEndpoint({
  tools,
  version,
  ...deps
}: EndpointDeps): (message: Message) => Promise<MessageReply> {
  const listing = tools.map(describeTool);
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const serverFor = (caller: Caller): Server => {
    const server = new Server(
      { name: 'kubetally', title: 'Kubetally', version },
      { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
    );
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: listing }));
    server.setRequestHandler(CallToolRequestSchema, ({ params }) =>
      callTool({ tools: byName, ...deps }, { name: params.name, args: params.arguments, caller }),
    );
    return server;
  };
  return async ({ body, protocolVersion, caller }) => {
    if (Array.isArray(body)) return refused('Invalid Request: send one message at a time, not a batch');
    const misread = refusedParams(body);
    if (misread) return misread;
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    const server = serverFor(caller);
    await server.connect(transport);
    try {
      const response = await transport.handleRequest(requestOf(protocolVersion), { parsedBody: body ?? null });
      const text = await response.text();
      const said: unknown = text === '' ? '' : JSON.parse(text);
      return { status: response.status, body: said };
    } finally {
      await server.close();
    }
  };
}

/** Only what the transport looks at. It wants to be told that events would do, though it will send none. */
function requestOf(protocolVersion: string | undefined): Request {
  return new Request(ADDRESS, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(protocolVersion === undefined ? {} : { 'mcp-protocol-version': protocolVersion }),
    },
  });
}

const REQUESTS = {
  initialize: InitializeRequestSchema,
  'tools/call': CallToolRequestSchema,
  'tools/list': ListToolsRequestSchema,
} as const;
/** Of what is wrong, so much is told. */
const ISSUES_MAX = 5;

/** The library answers parameters that it cannot read with an internal error, as if it were ours. */
function refusedParams(body: unknown): MessageReply | undefined {
  const request = JSONRPCRequestSchema.safeParse(body).data;
  const schema = Object.entries(REQUESTS).find(([method]) => method === request?.method)?.[1];
  const problems = schema?.safeParse(request).error?.issues.slice(0, ISSUES_MAX);
  if (request === undefined || problems === undefined) return undefined;
  const text = problems.map(({ path, message: why }) => `${path.join('.')}: ${why}`).join('; ');
  const message = `cannot read the parameters of ${request.method}: ${text}`;
  return { status: 200, body: { jsonrpc: '2.0', id: request.id, error: { code: ErrorCode.InvalidParams, message } } };
}

function refused(message: string): MessageReply {
  return { status: 400, body: { jsonrpc: '2.0', id: null, error: { code: ErrorCode.InvalidRequest, message } } };
}
