const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '`': '\\`',
  '\0': '\\0',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** A text as a ClickHouse string literal that cannot end early. */
export function quoteText(text: string): string {
  return `'${text.replace(/[\\'\0\b\f\n\r\t]/g, escape)}'`;
}

/** A name as a ClickHouse identifier that cannot end early. */
export function quoteName(name: string): string {
  return `\`${name.replace(/[\\`\0\b\f\n\r\t]/g, escape)}\``;
}

function escape(character: string): string {
  return ESCAPES[character] ?? character;
}
