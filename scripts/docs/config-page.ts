import { ALIASES, FILE_NAMES } from '../../src/config/environment.ts';
import { entryKindsOf, SETTINGS, type Setting } from '../../src/config/settings.ts';
import { code, page, table } from './markdown.ts';

const INTRODUCTION = `Settings come from these places, each winning over the ones before it: defaults; a YAML file (\`--config\`, or named by
${FILE_NAMES.map(code).join(' or ')}); other programs' names in the environment; \`KUBETALLY_*\` in the environment; the
command line. Choosing another \`engine\` for a section discards what earlier places said of that section.

Everything is checked at the start, and every problem is told at once with the place it was written. An unknown key is a
problem. In the environment lists are comma-separated, an empty value counts as not set, and names that Kubernetes makes
for a Service called \`kubetally\` are ignored. \`kubetally config print\` shows what is in force and where it came from;
\`kubetally config schema\` prints the JSON Schema for editors. Secrets are never printed.`;

/** docs/reference/config.md: every setting with its limits, default and name in the environment. */
export function configPage(): string {
  const sections = Map.groupBy(SETTINGS, ({ key }) => (key.includes('.') ? key.slice(0, key.indexOf('.')) : ''));
  const parts = [...sections].flatMap(([section, settings]) => [
    `## ${section === '' ? 'The whole' : code(section)}`,
    table(['key', 'default', 'what it takes', 'meaning', 'in the environment'], settings.map(settingRow)),
  ]);
  const pulls = entryKindsOf('pulls').flatMap(({ kind, settings }) => [
    `## Entries of \`pulls\` of kind ${code(kind)}`,
    `See [its page](../sources/${kind}.md). A list has no names in the environment.`,
    table(
      ['key', 'default', 'what it takes', 'meaning'],
      settings.map((setting) => settingRow(setting).slice(0, -1)),
    ),
  ]);
  const aliases = ALIASES.map(({ name, keys }) => [code(name), keys.map(code).join(', ')]);
  return page('Configuration', [
    INTRODUCTION,
    ...parts,
    ...pulls,
    '## Names of other programs',
    table(['in the environment', 'sets'], aliases),
  ]);
}

function settingRow(setting: Setting): string[] {
  const meaning = setting.choices.length > 1 && setting.key.endsWith('.engine') ? '' : engineNote(setting);
  return [
    code(setting.key),
    setting.standard === undefined ? '' : code(standardText(setting.standard)),
    takes(setting),
    `${setting.description}${meaning}`,
    code(setting.environmentName),
  ];
}

function engineNote({ engines }: Setting): string {
  return engines.length === 0 ? '' : ` With engine ${engines.map(code).join(', ')}.`;
}

function takes({ kind, choices, minimum, maximum, secret }: Setting): string {
  if (choices.length > 0) return `${kind === 'list' ? 'list of ' : ''}${choices.map(code).join(', ')}`;
  if (kind === 'bytes') return 'bytes, such as `512MiB`';
  if (kind === 'number') return `${minimum ?? ''} to ${maximum ?? ''}`;
  return secret ? 'secret text' : kind;
}

function standardText(standard: unknown): string {
  return typeof standard === 'string' ? standard : JSON.stringify(standard);
}
