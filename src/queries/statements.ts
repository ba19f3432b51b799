import { readFileSync } from 'node:fs';

const cache = new Map<string, string>();

/** One of this folder's SQL files, by name. */
export function readSql(name: string): string {
  const known = cache.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(`./sql/${name}.sql`, import.meta.url), 'utf8');
  cache.set(name, text);
  return text;
}

/** Puts texts of ours where `{{name}}` stands in one, nothing where none is given. Values never travel this way: they are bound. */
export function fillSql(text: string, parts: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => parts[name] ?? '');
}

/** A question over the hours of nodes: puts node-hours-seen.sql where `{{node_hours_seen}}` stands. */
export function readNodeQuestion(name: string): string {
  return fillSql(readSql(name), { node_hours_seen: readSql('node-hours-seen') });
}
