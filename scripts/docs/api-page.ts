import { z } from 'zod';
import type { RouteContract } from '../../src/contracts/route.ts';
import { ROUTES } from '../../src/contracts/routes.ts';
import { code, page, table } from './markdown.ts';

const INTRODUCTION = `Keys go with each request as \`Authorization: Bearer <key_id>:<secret>\`, \`Authorization: ApiKey <key_id>:<secret>\` or
\`X-Api-Key: <key_id>:<secret>\`. Refusals are problem JSON (RFC 9457) with a stable \`code\`. Amounts are decimal text, exact
to 1e-12. The server gives the whole description as OpenAPI 3.1 at \`/openapi.json\`.`;

/** docs/reference/api.md: every route with a contract. */
export function apiPage(): string {
  const overview = ROUTES.map((route) => [code(`${route.method} ${route.url}`), route.summary, accessOf(route)]);
  const details = ROUTES.flatMap(routeParts);
  return page('HTTP API', [INTRODUCTION, table(['route', 'what', 'needs'], overview), ...details]);
}

function accessOf(route: RouteContract): string {
  return route.scope === undefined
    ? `no key: ${route.open}`
    : `scope ${[route.scope, ...(route.orScope ? [route.orScope] : [])].map(code).join(' or ')}`;
}

function routeParts(route: RouteContract): string[] {
  const takes = [
    ...fieldRows('path', route.params),
    ...fieldRows('query', route.query),
    ...fieldRows('body', route.body ?? route.sourceBody),
  ];
  const gives = fieldRows('reply', route.reply).map((row) => row.slice(1));
  if (takes.length === 0 && gives.length === 0) return [];
  return [
    `## ${route.method} ${route.url}`,
    route.summary,
    ...(takes.length === 0 ? [] : [table(['in', 'field', 'type', 'meaning'], takes)]),
    ...(gives.length === 0 ? [] : ['Gives:', table(['field', 'type', 'meaning'], gives)]),
  ];
}

const Node = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  const: z.union([z.string(), z.number(), z.boolean()]).optional(),
  enum: z.array(z.unknown()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
});
type Node = z.infer<typeof Node>;

/** Place, dotted name, type and meaning of every field; lists are `name[]`. */
function fieldRows(place: string, schema: z.ZodType | undefined): string[][] {
  if (schema === undefined) return [];
  const io = place === 'reply' ? 'output' : 'input';
  const root = Node.parse(z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }));
  const rows: string[][] = [];
  const visit = (name: string, raw: unknown, isRequired: boolean): void => {
    const node = Node.parse(raw ?? {});
    const inner = node.properties ? node : objectIn(node);
    const row = [place, code(name), typeOf(node), meaningOf(node, { place, isRequired })];
    if (name !== '' && !node.properties) rows.push(row);
    const prefix = name === '' ? '' : `${name}.`;
    const required = new Set(inner?.required);
    for (const [key, child] of Object.entries(inner?.properties ?? {})) visit(prefix + key, child, required.has(key));
    if (node.items !== undefined && Node.parse(node.items).properties) visit(`${name}[]`, node.items, true);
  };
  visit('', root, true);
  return rows;
}

/** The object of a choice such as "this object or null". */
function objectIn(node: Node): Node | undefined {
  const variants = [...(node.anyOf ?? []), ...(node.oneOf ?? [])].map((variant) => Node.parse(variant));
  return variants.find((variant) => variant.properties !== undefined);
}

function typeOf(node: Node): string {
  if (node.enum) return node.enum.map((value) => code(String(value))).join(', ');
  if (node.const !== undefined) return code(String(node.const));
  const variants = [...(node.anyOf ?? []), ...(node.oneOf ?? [])];
  if (variants.length > 0) return variants.map((variant) => typeOf(Node.parse(variant))).join(' or ');
  if (node.type === 'array') return `list of ${typeOf(Node.parse(node.items ?? {}))}`;
  return [node.type ?? 'any'].flat().join(' or ');
}

function meaningOf(node: Node, { place, isRequired }: { place: string; isRequired: boolean }): string {
  const parts = [node.description ?? ''];
  if (node.default !== undefined) parts.push(`default ${code(JSON.stringify(node.default))}`);
  else if (place !== 'reply' && place !== 'path' && isRequired) parts.push('required');
  if (node.maximum !== undefined && node.maximum < Number.MAX_SAFE_INTEGER) {
    parts.push(`${node.minimum ?? ''} to ${node.maximum}`);
  }
  return parts.filter((part) => part !== '').join('; ');
}
