import { mcpEndpoint } from '../../contracts/mcp.ts';
import type { ServerDeps } from '../dependencies.ts';
import { createMcpEndpoint } from '../mcp/endpoint.ts';
import { refuseForeignOrigin } from '../mcp/origin.ts';
import { createTools, type ToolDeps } from '../mcp/tools.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';

const VERSION_HEADER = 'mcp-protocol-version';

/**
 * `POST /mcp`. There is no stream to `GET` and no session to `DELETE`: both are 405, as the protocol has it. A caller who leaves
 * ends the work; a notice that a request is cancelled comes as a message of its own and cannot tell which it means.
 */
export function addMcpRoute(add: AddRoute, deps: ToolDeps & Pick<ServerDeps, 'settings' | 'version' | 'log'>): void {
  const { corsOrigins, checkReplies } = deps.settings.http;
  const { version, log } = deps;
  const answer = createMcpEndpoint({ tools: createTools(deps), version, log, checkReplies });
  add(mcpEndpoint, async ({ body, request, reply, signal }) => {
    refuseForeignOrigin(request.headers, corsOrigins);
    const named = request.headers[VERSION_HEADER];
    const protocolVersion = Array.isArray(named) ? named.join(', ') : named;
    const { status, body: said } = await answer({
      body,
      protocolVersion,
      caller: { principal: principalOf(request), signal, requestId: request.id },
    });
    reply.code(status);
    return mcpEndpoint.reply.parse(said);
  });
}
