import { expect, test } from 'vitest';
import { z } from 'zod';
import { problemsOf } from './field-problems.ts';

const Query = z.strictObject({
  window: z.string().optional(),
  splitIdle: z.enum(['true', 'false']).or(z.boolean()).optional(),
});

test.each([
  ['says that a parameter is there twice', { window: ['7d', '1d'] }, 'window', 'is given 2 times: give it once'],
  [
    'says it of one with alternatives too',
    { splitIdle: ['true', 'true'] },
    'splitIdle',
    'is given 2 times: give it once',
  ],
  [
    'names all that is allowed where there are alternatives',
    { splitIdle: 'perhaps' },
    'splitIdle',
    'Invalid option: expected one of "true"|"false", or Invalid input: expected boolean, received string',
  ],
  ['names what is not known', { agregate: 'pod' }, 'agregate', 'is not known here'],
])('a refusal %s', (_, query, field, message) => {
  const issues = Query.safeParse(query, { reportInput: true }).error?.issues ?? [];
  expect(issues.flatMap((issue) => problemsOf(issue, 'query'))).toEqual([{ field, message, in: 'query' }]);
});
