import { inspect } from 'node:util';

export const SECRET_MASK = '[secret]';

/**
 * A text that must not be seen: printed, logged or serialised it is `[secret]`. Whoever truly needs the text says so
 * with `reveal()`, which makes every such place easy to find.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return SECRET_MASK;
  }

  toJSON(): string {
    return SECRET_MASK;
  }

  [inspect.custom](): string {
    return SECRET_MASK;
  }
}
