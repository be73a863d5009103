import { API_KEY_PREFIX, scannerPattern } from '../credentials/format.ts';
import type { Caller } from '../identity/principal.ts';
import { changeSettings, getSettings } from '../tokens/settings.ts';
import type { AuditedIntrospections, Settings } from '../tokens/store/settings.ts';
import { warnAboutPrefix } from '../tokens/vendor-prefixes.ts';
import { chooseWorkspace } from './choose-workspace.ts';
import type { Session } from './session.ts';

/** As `GET /v1/settings` answers. */
export interface SettingsView {
  readonly name: string;
  readonly color: string | null;
  readonly token_prefix: string;
  readonly former_token_prefixes: readonly string[];
  readonly scope_catalogue_enforced: boolean;
  readonly audit_tree_public: boolean;
  readonly audited_introspections: AuditedIntrospections;
  readonly scanner_patterns: { readonly api_keys: readonly string[]; readonly tokens: readonly string[] };
  readonly warnings: readonly string[];
}

export interface SettingsChange {
  readonly name?: string | undefined;
  /** Null for the colour of Tooken. */
  readonly color?: string | null | undefined;
  readonly tokenPrefix?: string | undefined;
  readonly isScopeCatalogueEnforced?: boolean | undefined;
  readonly isAuditTreePublic?: boolean | undefined;
  readonly auditedIntrospections?: AuditedIntrospections | undefined;
}

/** `workspace` is an id or a name; undefined is the only one there is. */
export async function readSettings(session: Session, workspace: string | undefined): Promise<SettingsView> {
  return viewSettings(await getSettings(session, await callerIn(session, workspace)));
}

export async function writeSettings(
  session: Session,
  workspace: string | undefined,
  change: SettingsChange,
): Promise<SettingsView> {
  const { name, color, tokenPrefix, isScopeCatalogueEnforced, isAuditTreePublic, auditedIntrospections } = change;
  const input = {
    ...(name !== undefined && { name }),
    ...(color !== undefined && { color }),
    ...(tokenPrefix !== undefined && { tokenPrefix }),
    ...(isScopeCatalogueEnforced !== undefined && { isScopeCatalogueEnforced }),
    ...(isAuditTreePublic !== undefined && { isAuditTreePublic }),
    ...(auditedIntrospections !== undefined && { auditedIntrospections }),
  };
  const { settings } = await changeSettings(session, await callerIn(session, workspace), input);
  return viewSettings(settings);
}

async function callerIn(session: Session, wanted: string | undefined): Promise<Caller> {
  const { id } = await chooseWorkspace(session, wanted);
  return { principal: { kind: 'system', workspaceId: id, environment: 'live' }, request: session.request };
}

function viewSettings(settings: Settings): SettingsView {
  const { name, color, tokenPrefix, formerTokenPrefixes } = settings;
  const warning = warnAboutPrefix(tokenPrefix);
  return {
    name,
    color,
    token_prefix: tokenPrefix,
    former_token_prefixes: formerTokenPrefixes,
    scope_catalogue_enforced: settings.isScopeCatalogueEnforced,
    audit_tree_public: settings.isAuditTreePublic,
    audited_introspections: settings.auditedIntrospections,
    scanner_patterns: {
      api_keys: [scannerPattern(API_KEY_PREFIX)],
      tokens: [tokenPrefix, ...formerTokenPrefixes].map(scannerPattern),
    },
    warnings: warning === undefined ? [] : [warning],
  };
}
