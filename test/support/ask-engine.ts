export interface Asked {
  readonly query?: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

export interface EngineAnswer {
  readonly status: number;
  readonly text: string;
  readonly bytes: Buffer;
  readonly headers: Headers;
  readonly summary: Readonly<Record<string, string>>;
}

/** One request of the ClickHouse HTTP interface, as curl would send it. */
export async function askEngine(
  { url, user, password }: { url: string; user: string; password: string },
  { query, args = {}, body, headers = {}, method = 'POST' }: Asked,
): Promise<EngineAnswer> {
  const search = new URLSearchParams({ ...(query === undefined ? {} : { query }), ...args });
  const reply = await fetch(`${url}/?${search.toString()}`, {
    method,
    headers: { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': password, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const bytes = Buffer.from(await reply.arrayBuffer());
  const summary: Record<string, string> = JSON.parse(reply.headers.get('x-clickhouse-summary') ?? '{}');
  return { status: reply.status, text: bytes.toString(), bytes, headers: reply.headers, summary };
}
