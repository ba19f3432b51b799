import type { z } from 'zod';
import type { Principal } from '../dependencies.ts';
import { problemsOf, refusalOf } from '../field-problems.ts';

/** Who calls a tool. */
export interface Caller {
  readonly principal: Principal;
  /** Aborted when the caller leaves or the time is up. */
  readonly signal: AbortSignal;
  /** To find it in the log. */
  readonly requestId: string;
}

/** What a tool says: for programs, and for whoever reads. */
export interface ToolAnswer<T = Readonly<Record<string, unknown>>> {
  readonly structured: T;
  /** Short; plain text with a table. */
  readonly text: string;
}

/** A question that an assistant may ask. Its arguments and its answer are those of a route, so that there is one definition. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  /** For a model: what it answers, units, defaults, an example. */
  readonly description: string;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  /** @throws AppError `invalid_request` that names every argument that is wrong, or what the question itself throws */
  call(args: unknown, caller: Caller): Promise<ToolAnswer>;
}

interface ToolDefinition<I extends z.ZodObject, O extends z.ZodObject>
  extends Pick<Tool, 'name' | 'title' | 'description'> {
  readonly input: I;
  readonly output: O;
  readonly answer: (query: z.output<I>, caller: Caller) => Promise<ToolAnswer<z.input<O>>>;
}

export function defineTool<I extends z.ZodObject, O extends z.ZodObject>(definition: ToolDefinition<I, O>): Tool {
  const { name, title, description, input, output, answer } = definition;
  return {
    name,
    title,
    description,
    input,
    output,
    call(args, caller) {
      const parsed = input.safeParse(args ?? {});
      if (parsed.success) return answer(parsed.data, caller);
      throw refusalOf(parsed.error.issues.flatMap((issue) => problemsOf(issue, 'arguments')));
    },
  };
}
