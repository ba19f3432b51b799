import { z } from 'zod';
import { ConfigSchema } from './schema.ts';

/**
 * The schema as a flat list of settings: what the environment's names, the reference page and "did you mean" are made
 * from. A setting's environment name is `KUBETALLY_` and its key in capitals: `http.bodyBytesMax` is
 * `KUBETALLY_HTTP_BODY_BYTES_MAX`.
 */
export interface Setting {
  /** Dotted: `http.rateLimit.burst`. */
  readonly key: string;
  readonly environmentName: string;
  readonly kind: SettingKind;
  readonly description: string;
  readonly standard: unknown;
  readonly choices: readonly string[];
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  /** The engines of its section that have this setting; empty where the section has no engine. */
  readonly engines: readonly string[];
  readonly secret: boolean;
}

export type SettingKind = 'text' | 'number' | 'boolean' | 'list' | 'bytes';

export const ENVIRONMENT_PREFIX = 'KUBETALLY_';

/** The JSON Schema of a configuration file, for editors. */
export function configJsonSchema(): object {
  return z.toJSONSchema(ConfigSchema, { io: 'input' });
}

const SchemaNode = z.looseObject({
  type: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  const: z.string().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  writeOnly: z.boolean().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.looseObject({ enum: z.array(z.string()).optional(), oneOf: z.array(z.unknown()).optional() }).optional(),
});
type SchemaNode = z.infer<typeof SchemaNode>;

export const SETTINGS: readonly Setting[] = merged(settingsOf([], SchemaNode.parse(configJsonSchema()), []));

const BY_KEY = new Map(SETTINGS.map((setting) => [setting.key, setting]));
const BY_ENVIRONMENT_NAME = new Map(SETTINGS.map((setting) => [setting.environmentName, setting]));

export const settingOfKey = (key: string): Setting | undefined => BY_KEY.get(key);
export const settingOfEnvironmentName = (name: string): Setting | undefined => BY_ENVIRONMENT_NAME.get(name);

/** One kind of entry of a list of sections, such as `pulls`. Its settings have no names in the environment. */
export interface EntryKind {
  readonly kind: string;
  readonly settings: readonly Setting[];
}

export function entryKindsOf(key: string): readonly EntryKind[] {
  const root = SchemaNode.parse(configJsonSchema());
  const { items } = SchemaNode.parse(root.properties?.[key] ?? {});
  return (items?.oneOf ?? []).map((variant) => {
    const node = SchemaNode.parse(variant);
    const kind = SchemaNode.parse(node.properties?.['kind'] ?? {}).const ?? '';
    return { kind, settings: settingsOf([], node, []) };
  });
}

function settingsOf(path: readonly string[], node: SchemaNode, engines: readonly string[]): Setting[] {
  if (node.oneOf) {
    return node.oneOf.flatMap((variant) => {
      const parsed = SchemaNode.parse(variant);
      const engine = SchemaNode.parse(parsed.properties?.['engine'] ?? {}).const;
      return settingsOf(path, parsed, engine === undefined ? [] : [engine]);
    });
  }
  if (node.properties) {
    return Object.entries(node.properties).flatMap(([name, child]) =>
      settingsOf([...path, name], SchemaNode.parse(child), engines),
    );
  }
  return [leaf(path.join('.'), node, engines)];
}

function leaf(key: string, node: SchemaNode, engines: readonly string[]): Setting {
  return {
    key,
    environmentName:
      ENVIRONMENT_PREFIX +
      key
        .replace(/([a-z])([A-Z])/g, '$1_$2')
        .replaceAll('.', '_')
        .toUpperCase(),
    kind: kindOf(node),
    description: node.description ?? '',
    standard: node.default,
    choices: node.const === undefined ? (node.enum ?? node.items?.enum ?? []) : [node.const],
    minimum: node.minimum,
    maximum: node.maximum,
    engines,
    secret: node.writeOnly === true,
  };
}

function kindOf(node: SchemaNode): SettingKind {
  if (node.anyOf) return 'bytes';
  if (node.type === 'integer' || node.type === 'number') return 'number';
  if (node.type === 'boolean') return 'boolean';
  return node.type === 'array' ? 'list' : 'text';
}

/** Variants of a section share keys (`engine` above all): one setting each, with what the variants say put together. */
function merged(settings: readonly Setting[]): Setting[] {
  const byKey = new Map<string, Setting>();
  for (const setting of settings) {
    const known = byKey.get(setting.key);
    byKey.set(setting.key, known === undefined ? setting : joined(known, setting));
  }
  return [...byKey.values()];
}

function joined(a: Setting, b: Setting): Setting {
  return {
    ...a,
    description: [choiceText(a), choiceText(b)].join(' '),
    choices: [...a.choices, ...b.choices],
    engines: [...a.engines, ...b.engines],
    standard: a.standard ?? b.standard,
  };
}

function choiceText(setting: Setting): string {
  return setting.choices.length === 1 ? `\`${setting.choices.join('')}\`: ${setting.description}` : setting.description;
}
