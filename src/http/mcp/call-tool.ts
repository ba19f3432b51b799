import { type CallToolResult, ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import type { Logger } from '../../lib/log.ts';
import { toAppError } from '../problem.ts';
import type { Caller, Tool } from './tool.ts';

/** Of a name that nobody knows, at most so much is said back. */
const ECHO_CHARS_MAX = 80;

export interface ToolCall {
  readonly name: string;
  readonly args: unknown;
  readonly caller: Caller;
}

export interface CallDeps {
  readonly tools: ReadonlyMap<string, Tool>;
  readonly log: Pick<Logger, 'error' | 'warn'>;
  /** Parse each answer with the tool's schema, so that what is promised cannot drift. For tests. */
  readonly checkReplies: boolean;
}

/**
 * Calls a tool. What it refuses is an answer to the model, which can ask in another way; so is a failure of ours, without
 * what it was. Only an unknown name is an error of the protocol.
 */
export async function callTool({ tools, log, checkReplies }: CallDeps, call: ToolCall): Promise<CallToolResult> {
  const tool = tools.get(call.name);
  if (tool === undefined) {
    const message = `there is no tool "${call.name.slice(0, ECHO_CHARS_MAX)}"; there are ${[...tools.keys()].join(', ')}`;
    throw new McpError(ErrorCode.InvalidParams, message);
  }
  try {
    const { structured, text } = await tool.call(call.args, call.caller);
    if (checkReplies) tool.output.parse(structured);
    return { content: [{ type: 'text', text }], structuredContent: { ...structured } };
  } catch (error) {
    return refusal(error, log, { tool: tool.name, requestId: call.caller.requestId });
  }
}

function refusal(error: unknown, log: CallDeps['log'], where: Record<'tool' | 'requestId', string>): CallToolResult {
  const failure = toAppError(error, { bodyBytesMax: 0 });
  if (failure.status >= 500) {
    const facts = { error: failure.cause ?? failure, code: failure.code, ...where };
    log[failure.code === 'internal' ? 'error' : 'warn'](facts, 'tool failed');
  }
  const retry = failure.retry ? ` Try again in ${failure.retryAfterSeconds ?? 1} s.` : '';
  return { isError: true, content: [{ type: 'text', text: `${failure.message} (${failure.code}).${retry}` }] };
}
