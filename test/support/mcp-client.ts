import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { z } from 'zod';

const Texts = z.array(z.looseObject({ type: z.literal('text'), text: z.string() }));

/** What a tool said. */
export interface Said {
  readonly isError: boolean;
  readonly text: string;
  readonly structured: unknown;
}

export interface TestMcpClient extends AsyncDisposable {
  readonly client: Client;
  call(name: string, args?: Record<string, unknown>): Promise<Said>;
}

/** The protocol's own client, connected; it checks what tools answer against what they promise. */
export async function connectMcp(url: string, key: string): Promise<TestMcpClient> {
  const client = new Client({ name: 'test', version: '0.0.0' });
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', url), {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
  });
  await client.connect(transport);
  await client.listTools(); // with it the client learns what to check answers with
  return {
    client,
    async call(name, args = {}) {
      const result = await client.callTool({ name, arguments: args });
      const text = Texts.parse(result.content).map((part) => part.text);
      return { isError: result.isError === true, text: text.join('\n'), structured: result.structuredContent };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
