import type { LabelAliases } from '../allocation-properties.ts';
import type { Token, TokenKind } from './lexer.ts';
import { FILTER_COMPARISONS_MAX, type FilterProblem, PROBLEMS_MAX } from './problems.ts';

/** Where a reader of tokens stands, and what it found wrong so far. */
export interface Cursor {
  readonly aliases: LabelAliases;
  readonly problems: readonly FilterProblem[];
  peek(): Token;
  /** The next token, when it is of that kind. */
  take(kind: TokenKind): Token | undefined;
  skip(): void;
  /** To where a comparison can end. */
  skipToJoiner(): void;
  /** Throws `TooManyProblems` when there are as many as are told. */
  problem(token: Token, message: string): void;
  /** Throws `TooManyProblems` with one more than there may be. */
  countComparison(value: Token): void;
}

/** Ends the reading of a filter: what follows would not be told. */
export class TooManyProblems extends Error {}

const JOINERS: ReadonlySet<TokenKind> = new Set(['and', 'or', 'open', 'close', 'end']);
const END: Token = { kind: 'end', text: '', position: 1 };

export function createCursor(tokens: readonly Token[], aliases: LabelAliases): Cursor {
  const problems: FilterProblem[] = [];
  let next = 0;
  let comparisons = 0;
  const peek = () => tokens[next] ?? tokens.at(-1) ?? END;
  return {
    aliases,
    problems,
    peek,
    take(kind) {
      const token = peek();
      if (token.kind !== kind) return undefined;
      next += 1;
      return token;
    },
    skip: () => void (next += 1),
    skipToJoiner() {
      while (!JOINERS.has(peek().kind)) next += 1;
    },
    problem(token, message) {
      problems.push({ position: token.position, message });
      if (problems.length >= PROBLEMS_MAX) throw new TooManyProblems();
    },
    countComparison(value) {
      comparisons += 1;
      if (comparisons <= FILTER_COMPARISONS_MAX) return;
      problems.push({ position: value.position, message: `more than ${FILTER_COMPARISONS_MAX} values in one filter` });
      throw new TooManyProblems();
    },
  };
}
