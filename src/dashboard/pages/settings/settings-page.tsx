import { API_KEY_PREFIX, scannerPattern } from '../../../credentials/format.ts';
import { type ChangedSettings, changeSettings, getSettings } from '../../../tokens/settings.ts';
import type { Settings } from '../../../tokens/store/settings.ts';
import { warnAboutPrefix } from '../../../tokens/vendor-prefixes.ts';
import { settingsInputOf, updateSettingsBody } from '../../../web/settings-fields.ts';
import { type Draft, type Form, parseFields } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, seeOther, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { effectiveOn } from '../../parts/effective.ts';
import { Card, Facts } from '../../parts/facts.tsx';
import { Icon } from '../../parts/icon.tsx';
import { draftOf, expectedBy, isStale } from '../named/fields.ts';
import { ChangedMeanwhile } from '../named/stale.tsx';
import { SettingsForm } from './settings-form.tsx';
import { valuesOf } from './values.ts';

/** What a workspace decides for itself. */
export function mountSettings(pages: Pages): void {
  pages.form('/settings', 'updateSettings', { show, submit });
}

async function show(visit: Visit, draft: Draft): Promise<View> {
  const settings = await getSettings(visit.services, visit.caller);
  const warning = warnAboutPrefix(settings.tokenPrefix);
  return {
    title: 'Settings',
    section: 'settings',
    scripts: ['settings.js'],
    body: (
      <div class="issue stack">
        {isStale(draft, settings) && <AsItIsNow settings={settings} />}
        {warning !== undefined && (
          <div class="alert alert-warn">
            <Icon name="warning" />
            <span>{warning}</span>
          </div>
        )}
        <SettingsForm visit={visit} draft={draftOf(draft, valuesOf(settings))} revision={settings.revision} />
        <Scanners settings={settings} />
      </div>
    ),
  };
}

function AsItIsNow({ settings }: { settings: Settings }) {
  return (
    <ChangedMeanwhile>
      <Facts
        facts={[
          ['Name', <bdi>{settings.name}</bdi>],
          ['Colour', settings.color ?? 'Tooken’s own'],
          ['Token prefix', <code>{settings.tokenPrefix}</code>],
          ['Scopes', settings.isScopeCatalogueEnforced ? 'Those of the catalogue only' : 'Any'],
          ['Introspections', settings.auditedIntrospections === 'all' ? 'Every single one' : 'Counted'],
          ['Audit tree', settings.isAuditTreePublic ? 'Public' : 'Not public'],
        ]}
      />
    </ChangedMeanwhile>
  );
}

/** So that a token in a repository or a log is found by machines that look for such. */
function Scanners({ settings: { tokenPrefix, formerTokenPrefixes } }: { settings: Settings }) {
  const tokens = [tokenPrefix, ...formerTokenPrefixes];
  return (
    <Card
      title="Patterns for secret scanners"
      note="Teach them to the scanner of your repositories and logs: a credential that leaks is found before somebody uses it."
    >
      <Facts
        facts={[
          ['API keys', <Copyable label="pattern for API keys" text={scannerPattern(API_KEY_PREFIX)} block />],
          ...tokens.map(
            (prefix) =>
              [
                `Tokens with ${prefix}`,
                <Copyable label={`pattern for tokens with ${prefix}`} text={scannerPattern(prefix)} block />,
              ] as const,
          ),
        ]}
      />
    </Card>
  );
}

async function submit(visit: Visit, form: Form): Promise<Outcome> {
  const fields = parseFields(updateSettingsBody, {
    name: form.text('name'),
    color: form.text('color_choice') === 'own' ? form.text('color') : null,
    token_prefix: form.text('token_prefix').trim(),
    scope_catalogue_enforced: form.has('scope_catalogue_enforced'),
    audit_tree_public: form.has('audit_tree_public'),
    audited_introspections: form.text('audited_introspections'),
  });
  const changed = await changeSettings(visit.services, visit.caller, settingsInputOf(fields), expectedBy(form));
  return seeOther(visit.at('/settings'), noticeOf(changed));
}

function noticeOf({ effective }: ChangedSettings): string {
  return effective === undefined ? 'The settings are saved.' : `The settings are saved, ${effectiveOn(effective)}.`;
}
