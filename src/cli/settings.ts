import { type Command, Option } from 'commander';
import { readSettings, type SettingsView, writeSettings } from '../operator/settings.ts';
import { defineCommand, defineGroup, NEEDS_DATABASE, withWorkspace } from './command.ts';
import { UsageError } from './exit-codes.ts';
import { type CommandOptions, type Presentation, performWithSession } from './perform.ts';
import { formatTable } from './text.ts';

interface SettingsOptions extends CommandOptions {
  readonly workspace?: string;
  readonly name?: string;
  readonly color?: string;
  readonly tokenPrefix?: string;
  readonly scopeCatalogueEnforced?: 'true' | 'false';
  readonly auditTreePublic?: 'true' | 'false';
  readonly auditedIntrospections?: SettingsView['audited_introspections'];
}

export function registerSettings(program: Command): void {
  const settings = defineGroup(program, 'settings', 'settings of a workspace: get and set them');
  const get = defineCommand(settings, 'get', {
    description: 'Show the settings of a workspace, with the patterns that secret scanners need.',
    example: 'tooken settings get --json',
    needs: NEEDS_DATABASE,
  });
  withWorkspace(get).action((options: SettingsOptions) =>
    performWithSession(
      options,
      { route: 'settings get' },
      (session) => readSettings(session, options.workspace),
      presentation,
    ),
  );
  const set = defineCommand(settings, 'set', {
    description: 'Change settings of a workspace. Tokens that exist stay as they are, their prefix included.',
    example: 'tooken settings set --token-prefix gko --scope-catalogue-enforced true',
    needs: NEEDS_DATABASE,
  });
  withWorkspace(set)
    .option('--name <name>', 'what the workspace is called; no other one of the installation may be')
    .option('--color <color>', 'the colour of its mark in the dashboard: #rrggbb, or none for that of Tooken')
    .option('--token-prefix <prefix>', 'what new tokens start with: 2 to 12 lower-case letters and digits')
    .addOption(
      new Option(
        '--scope-catalogue-enforced <boolean>',
        'whether tokens get only scopes that the catalogue knows',
      ).choices(['true', 'false']),
    )
    .addOption(
      new Option(
        '--audit-tree-public <boolean>',
        'whether anybody may read checkpoint, key and hashes of the audit log, never its entries',
      ).choices(['true', 'false']),
    )
    .addOption(
      new Option(
        '--audited-introspections <mode>',
        'what the audit log has of introspections: counts, or a record of every single one',
      ).choices(['counted', 'all']),
    )
    .action(setSettings);
}

function setSettings(options: SettingsOptions): Promise<void> {
  const { workspace, name, color, tokenPrefix } = options;
  const { scopeCatalogueEnforced, auditTreePublic, auditedIntrospections } = options;
  const change = {
    name,
    color: color === 'none' ? null : color,
    tokenPrefix,
    isScopeCatalogueEnforced: scopeCatalogueEnforced && scopeCatalogueEnforced === 'true',
    isAuditTreePublic: auditTreePublic && auditTreePublic === 'true',
    auditedIntrospections,
  };
  if (Object.values(change).every((value) => value === undefined)) {
    throw new UsageError(
      'nothing to set. Give --name, --color, --token-prefix, --scope-catalogue-enforced, --audit-tree-public or --audited-introspections.',
    );
  }
  return performWithSession(
    options,
    { route: 'settings set' },
    (session) => writeSettings(session, workspace, change),
    presentation,
  );
}

const presentation: Presentation<SettingsView> = {
  json: (settings) => settings,
  text: formatSettings,
  notes: ({ warnings }) => warnings.map((warning) => `Warning: ${warning}`),
};

function formatSettings(settings: SettingsView): string {
  return formatTable(
    ['SETTING', 'VALUE'],
    [
      ['name', settings.name],
      ['color', settings.color ?? '-'],
      ['token_prefix', settings.token_prefix],
      ['former_token_prefixes', settings.former_token_prefixes.join(', ') || '-'],
      ['scope_catalogue_enforced', String(settings.scope_catalogue_enforced)],
      ['audit_tree_public', String(settings.audit_tree_public)],
      ['audited_introspections', settings.audited_introspections],
      ...settings.scanner_patterns.api_keys.map((pattern) => ['scanner_patterns.api_keys', pattern]),
      ...settings.scanner_patterns.tokens.map((pattern) => ['scanner_patterns.tokens', pattern]),
    ],
  );
}
