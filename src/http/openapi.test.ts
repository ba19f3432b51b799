import { expect, test } from 'vitest';
import { z } from 'zod';
import { ROUTES } from '../contracts/routes.ts';
import { createOpenApi } from './openapi.ts';

const Operation = z.looseObject({
  summary: z.string().min(10),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(
    z.object({ name: z.string(), in: z.enum(['path', 'query']), required: z.boolean(), schema: z.looseObject({}) }),
  ),
  requestBody: z.looseObject({}).optional(),
  responses: z.record(z.string(), z.looseObject({ description: z.string() })),
});
const Document = z.looseObject({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.looseObject({ schemas: z.looseObject({ Problem: z.looseObject({}) }) }),
});

const document = Document.parse(JSON.parse(JSON.stringify(createOpenApi(ROUTES, '1.2.3'))));
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

test('every route is described, with its access and its refusals', () => {
  expect(operations).toHaveLength(ROUTES.length);
  expect(operations.length).toBeGreaterThan(15);
  for (const { path, operation } of operations) {
    expect(operation.responses.default, path).toBeDefined();
    expect(
      Object.keys(operation.responses).some((status) => /^2\d\d$/.test(status)),
      path,
    ).toBe(true);
  }
  const open = operations.filter(({ operation }) => operation.security.length === 0);
  expect(open).toHaveLength(ROUTES.filter(({ scope }) => scope === undefined).length);
});

test('parameters carry their types, defaults and limits', () => {
  const namespaces = document.paths['/v1/costs/namespaces']?.get;
  const limit = namespaces?.parameters.find(({ name }) => name === 'limit');
  expect(limit).toMatchObject({
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 },
  });
  const rotate = document.paths['/v1/admin/api_keys/{key_id}/rotate']?.post;
  expect(rotate?.parameters).toMatchObject([{ name: 'key_id', in: 'path', required: true }]);
  expect(JSON.stringify(document)).not.toContain('"$schema"');
});
