import { z } from 'zod';
import { PROBLEM_MEDIA_TYPE, Problem } from '../contracts/problem.ts';
import type { RouteContract } from '../contracts/route.ts';

type Json = Readonly<Record<string, unknown>>;

const PROBLEM_REF = { $ref: '#/components/schemas/Problem' };

/** The OpenAPI 3.1 description of these routes. */
export function createOpenApi(routes: readonly RouteContract[], version: string): Json & { openapi: string } {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Kubetally', version, description: 'Costs of Kubernetes clusters, by the hour.' },
    paths,
    components: {
      schemas: { Problem: schemaOf(Problem, 'output') },
      securitySchemes: {
        apiKeyHeader: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: '<key_id>:<secret>' },
        authorization: {
          type: 'http',
          scheme: 'bearer',
          description: '<key_id>:<secret>; the scheme ApiKey is taken too',
        },
      },
    },
  };
}

function operation(route: RouteContract): Json {
  const body = route.sourceBody ?? route.body;
  const access =
    route.scope === undefined
      ? { description: `Open: ${route.open}.`, security: [] }
      : {
          description: `Needs a key with the scope \`${route.scope}\`${route.orScope ? ` or \`${route.orScope}\`` : ''}.`,
          security: [{ apiKeyHeader: [] }, { authorization: [] }],
        };
  return {
    summary: route.summary,
    ...access,
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...(body
      ? { requestBody: { content: { [route.consumes ?? 'application/json']: { schema: schemaOf(body, 'input') } } } }
      : {}),
    responses: responses(route),
  };
}

function parameters(schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, type]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(z.object({ [name]: type }), {}).success,
    schema: schemaOf(z.object({ [name]: type }), 'input').properties[name] ?? {},
  }));
}

function responses(route: RouteContract): Json {
  const { reply, status = 200, otherStatuses = {}, produces = 'application/json', alsoProduces = [] } = route;
  const formats = alsoProduces.map((mediaType) => [mediaType, {}] as const);
  const content = { [produces]: { schema: schemaOf(reply, 'output') }, ...Object.fromEntries(formats) };
  const others = Object.entries(otherStatuses).map(([code, description]) => {
    return [code, code === '304' ? { description } : { description, content }];
  });
  return {
    [status]: { description: 'As asked', content },
    ...Object.fromEntries(others),
    default: { description: 'Refused', content: { [PROBLEM_MEDIA_TYPE]: { schema: PROBLEM_REF } } },
  };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  const properties: Json = {};
  return { properties, ...rest };
}
