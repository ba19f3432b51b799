import { type Environment, FILE_NAMES, readEnvironment } from './environment.ts';
import { readConfigFile } from './file.ts';
import { entriesOf, isTree, mergeLayers, type Tree } from './layers.ts';
import { configError, type Problem, problemsOf } from './problems.ts';
import { brokenRules, type Sections } from './rules.ts';
import { type Config, type ConfigInput, ConfigSchema } from './schema.ts';

export interface LoadedConfig {
  readonly config: Config;
  /** Dotted key → where its value was written; keys that are absent have their default. */
  readonly origins: ReadonlyMap<string, string>;
}

export interface ConfigPlaces {
  /** The `--config` option. Without it, KUBETALLY_CONFIG or API_SERVER_CONF_FILE may name a file. */
  readonly file?: string | undefined;
  readonly environment?: Environment | undefined;
  /** Options of the command line; they win over everything. */
  readonly overrides?: ConfigInput | undefined;
}

/**
 * Finds and checks the configuration. Each place wins over the ones before it: defaults, the file, other programs' names
 * in the environment, KUBETALLY_* in the environment, the command line.
 *
 * @throws AppError `invalid_config` that tells every problem at once, each with its key and its place.
 */
export function loadConfig({ file, environment = process.env, overrides = {} }: ConfigPlaces = {}): LoadedConfig {
  const path = file ?? FILE_NAMES.map((name) => environment[name]).find((text) => text !== undefined && text !== '');
  const fromFile = path === undefined ? { layer: [], problems: [] } : readConfigFile(path);
  const fromEnvironment = readEnvironment(environment);
  const { tree, origins } = mergeLayers([
    fromFile.layer,
    fromEnvironment.aliases,
    fromEnvironment.own,
    entriesOf(overrides, () => 'command line'),
  ]);
  const problems = [...fromFile.problems, ...fromEnvironment.problems];
  return { config: checked(tree, origins, problems), origins };
}

/** Checks settings given as a plain object, without looking at files or the environment: for tests and the demo. */
export function parseConfig(input: ConfigInput = {}): Config {
  const { tree, origins } = mergeLayers([entriesOf(input, () => 'given')]);
  return checked(tree, origins, []);
}

function checked(tree: Tree, origins: ReadonlyMap<string, string>, earlier: readonly Problem[]): Config {
  const parsed = ConfigSchema.safeParse(tree);
  const problems = [...earlier];
  if (!parsed.success) problems.push(...problemsOf(parsed.error, origins));
  for (const { key, message } of brokenRules(parsed.success ? parsed.data : soundSections(tree))) {
    problems.push({ key, message, origin: origins.get(key) });
  }
  if (!parsed.success || problems.length > 0) throw configError(problems);
  return deepFreeze(parsed.data);
}

/** The sections that are right by themselves, so that the rules between them are checked even when others are wrong. */
function soundSections(tree: Tree): Sections {
  const sound: Tree = {};
  for (const [name, schema] of Object.entries(ConfigSchema.shape)) {
    const parsed = schema.safeParse(tree[name]);
    if (parsed.success) sound[name] = parsed.data;
  }
  return sound;
}

function deepFreeze<T>(value: T): T {
  if (Array.isArray(value)) for (const item of value) deepFreeze(item);
  else if (isTree(value)) for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}
