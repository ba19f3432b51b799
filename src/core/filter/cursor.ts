import type { LabelAliases } from '../allocation-properties.ts';
import type { FilterFields } from './fields.ts';
import type { Token, TokenKind } from './lexer.ts';
import { FILTER_COMPARISONS_MAX, type FilterProblem, PROBLEMS_MAX } from './problems.ts';

/** What a filter may ask about, and what its aliases stand for. */
export interface FilterWords<P extends string> {
  readonly fields: FilterFields<P>;
  readonly aliases: LabelAliases;
}

/** Where a reader of tokens stands, and what it found wrong so far. */
export interface Cursor<P extends string> extends FilterWords<P> {
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

export function createCursor<P extends string>(tokens: readonly Token[], words: FilterWords<P>): Cursor<P> {
  const problems: FilterProblem[] = [];
  let next = 0;
  let comparisons = 0;
  const peek = () => tokens[next] ?? tokens.at(-1) ?? END;
  return {
    ...words,
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
