import { z } from 'zod';

/**
 * Every refusal: RFC 9457 problem JSON. `code` is stable and tells causes apart; `error` and `message` say the same in
 * the words that clients of the K8s cost API know. Members beyond these are facts about the failure, such as
 * `expected_cluster`.
 */
export const Problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    code: z.string(),
    instance: z.string().describe('This one occurrence; the same id is in the X-Request-Id header and in the log'),
    error: z.string(),
    message: z.string(),
    errors: z
      .array(
        z.object({
          field: z.string(),
          message: z.string(),
          in: z.enum(['path', 'query', 'body']).optional(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';
