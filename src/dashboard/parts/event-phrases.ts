import type { AuditAction } from '../../audit/events/catalogue.ts';
import type { AuditEvent } from '../../audit/events/event.ts';
import { becauseOfStepPhrase, becausePhrase } from './event-reasons.ts';
import { actorPhrase, isOwn, targetPhrase as the } from './event-subjects.ts';
import { codeOf, type Phrase, phrase } from './phrase.ts';

type Sentence = (event: AuditEvent) => Phrase;

/** What happened, for each action that the log knows: without its count and without a full stop. */
export const EVENT_PHRASES: Readonly<Record<AuditAction, Sentence>> = {
  'workspace.created': (e) => phrase`${actorPhrase(e)} created workspace ${the(e, 'workspace')}`,
  'api_key.created': (e) => phrase`${actorPhrase(e)} created API key ${the(e, 'api_key')}`,
  'api_key.regenerated': (e) => phrase`${actorPhrase(e)} regenerated API key ${the(e, 'api_key')}`,
  'api_key.deleted': (e) => phrase`${actorPhrase(e)} deleted API key ${the(e, 'api_key')}`,
  'token.created': (e) => phrase`${actorPhrase(e)} issued token ${the(e, 'token')}`,
  'token.updated': (e) => phrase`${actorPhrase(e)} changed token ${the(e, 'token')}${fieldsOf(e)}`,
  'token.rotated': (e) => phrase`${actorPhrase(e)} rotated token ${the(e, 'token')}`,
  'token.rotation_finished': (e) =>
    phrase`${actorPhrase(e)} ended the overlap after the rotation of token ${the(e, 'token')}`,
  'token.revoked': (e) => phrase`${actorPhrase(e)} revoked token ${the(e, 'token')}`,
  'token.deleted': (e) => phrase`${actorPhrase(e)} deleted token ${the(e, 'token')} from the list`,
  'token.first_used': (e) => phrase`Token ${the(e, 'token')} was used for the first time, ${placeOf(e)}`,
  'token.used_from_new_source': newSource,
  'token.use_denied': (e) => phrase`Token ${the(e, 'token')} was refused ${placeOf(e)}${becausePhrase(e)}`,
  'token.introspected': () => phrase`Tokens were introspected`,
  'token.reassigned': (e) =>
    hasOwner(e)
      ? phrase`${actorPhrase(e)} gave token ${the(e, 'token')} another owner`
      : phrase`${actorPhrase(e)} took token ${the(e, 'token')} from its owner`,
  'scope.created': (e) => phrase`${actorPhrase(e)} added scope ${the(e, 'scope')} to the catalogue`,
  'scope.updated': (e) => phrase`${actorPhrase(e)} changed what scope ${the(e, 'scope')} is described as`,
  'scope.deleted': (e) => phrase`${actorPhrase(e)} removed scope ${the(e, 'scope')} from the catalogue`,
  'settings.updated': (e) => phrase`${actorPhrase(e)} changed the settings${fieldsOf(e)}`,
  'role.created': (e) => phrase`${actorPhrase(e)} created role ${the(e, 'role')}`,
  'role.updated': (e) => phrase`${actorPhrase(e)} changed role ${the(e, 'role')}${fieldsOf(e)}`,
  'role.deleted': (e) => phrase`${actorPhrase(e)} deleted role ${the(e, 'role')}`,
  'group.created': (e) => phrase`${actorPhrase(e)} created group ${the(e, 'group')}`,
  'group.updated': (e) => phrase`${actorPhrase(e)} changed group ${the(e, 'group')}${fieldsOf(e)}`,
  'group.deleted': (e) => phrase`${actorPhrase(e)} deleted group ${the(e, 'group')}`,
  'project.created': (e) => phrase`${actorPhrase(e)} created project ${the(e, 'project')}`,
  'project.updated': (e) => phrase`${actorPhrase(e)} changed project ${the(e, 'project')}${fieldsOf(e)}`,
  'project.deleted': (e) => phrase`${actorPhrase(e)} deleted project ${the(e, 'project')}`,
  'member.created': (e) => phrase`${actorPhrase(e)} added member ${the(e, 'member')}, who cannot sign in`,
  'member.invited': (e) =>
    phrase`${actorPhrase(e)} invited ${the(e, 'member')}${e.changes.length === 0 ? ' once more' : ''}`,
  'member.joined': (e) => phrase`${the(e, 'member')} accepted the invitation`,
  'member.updated': (e) => phrase`${actorPhrase(e)} changed member ${the(e, 'member')}${fieldsOf(e)}`,
  'member.removed': (e) => phrase`${actorPhrase(e)} removed member ${the(e, 'member')}`,
  'member.signed_in': (e) => phrase`${actorPhrase(e)} signed in`,
  'member.sign_in_failed': (e) => phrase`${actorPhrase(e)} failed to sign in${asMember(e)}${becauseOfStepPhrase(e)}`,
  'member.locked': (e) => phrase`Signing in${asMember(e)} is locked for a while, after too many failures`,
  'member.signed_out': (e) => phrase`${actorPhrase(e)} signed out`,
  'member.stepped_up': (e) => phrase`${actorPhrase(e)} proved anew who they are`,
  'member.password_changed': (e) => phrase`${actorPhrase(e)} changed their password`,
  'member.password_forgotten': (e) =>
    phrase`${actorPhrase(e)} had a link for a new password sent to ${the(e, 'member')}`,
  'member.reset_link_created': (e) => phrase`${actorPhrase(e)} made a link for a new password for ${the(e, 'member')}`,
  'member.password_reset': (e) => phrase`${the(e, 'member')} set a new password by a link`,
  'member.totp_enabled': (e) => phrase`${actorPhrase(e)} turned their second factor on`,
  'member.totp_disabled': (e) =>
    isOwn(e)
      ? phrase`${actorPhrase(e)} turned their second factor off`
      : phrase`${actorPhrase(e)} turned the second factor of ${the(e, 'member')} off`,
  'member.recovery_codes_created': (e) => phrase`${actorPhrase(e)} made new recovery codes`,
  'member.recovery_code_used': (e) => phrase`${actorPhrase(e)} used up a recovery code`,
  'session.ended': (e) => phrase`${actorPhrase(e)} ended one of their sessions`,
  'session.all_ended': (e) =>
    isOwn(e)
      ? phrase`${actorPhrase(e)} ended all of their sessions`
      : phrase`${actorPhrase(e)} ended all sessions of ${the(e, 'member')}`,
  'session.refresh_reused': (e) =>
    phrase`${actorPhrase(e)} presented a used refresh token of ${the(e, 'member')}, and the session was ended`,
  'audit_log.exported': (e) => phrase`${actorPhrase(e)} exported the audit log${formatOf(e)}`,
  'audit_log.reopened': (e) => phrase`${actorPhrase(e)} reopened the audit log under a new key`,
  'personal_data.erased': (e) => phrase`${actorPhrase(e)} erased the personal data of ${subjectOf(e)}`,
  'authentication.failed': authenticationFailed,
  'request.denied': (e) => phrase`${actorPhrase(e)} was denied ${requestOf(e)}${becausePhrase(e)}`,
};

function fieldsOf({ changes }: AuditEvent): Phrase {
  const fields = changes.map(({ field }) => field.replaceAll('_', ' '));
  return fields.length === 0 ? [] : phrase`: ${fields.join(', ')}`;
}

function asMember(event: AuditEvent): Phrase {
  return event.targets.length === 0 ? [] : phrase` as ${the(event, 'member')}`;
}

/** Who introspected it, or that it was used to call Tooken. */
function placeOf(event: AuditEvent): Phrase {
  return isOwn(event) ? phrase`to call Tooken` : phrase`at ${actorPhrase(event)}`;
}

function newSource(event: AuditEvent): Phrase {
  return event.reason === 'too_many_sources'
    ? phrase`Token ${the(event, 'token')} is used from so many addresses that further ones are not told`
    : phrase`Token ${the(event, 'token')} was used from a new address, ${placeOf(event)}`;
}

function hasOwner({ changes }: AuditEvent): boolean {
  return changes.some(({ field, new: now }) => field === 'owner' && now !== null);
}

function formatOf({ changes }: AuditEvent): Phrase {
  const format = changes.find(({ field }) => field === 'format')?.new;
  return typeof format === 'string' ? phrase` as ${format.toUpperCase()}` : [];
}

/** Whose name is gone, so it goes by its id; of an address not even that is left. */
function subjectOf({ targets }: AuditEvent): Phrase {
  const subject = targets[0];
  if (subject === undefined || subject.type === 'source') return phrase`an address`;
  return phrase`${subject.type.replaceAll('_', ' ')} ${codeOf(subject.id)}`;
}

function authenticationFailed(event: AuditEvent): Phrase {
  if (event.reason === 'invalid_link') {
    return phrase`${actorPhrase(event)} tried a link that does not work${becausePhrase(event)}`;
  }
  return event.actor.type === 'anonymous'
    ? phrase`A credential was refused${becausePhrase(event)}`
    : phrase`A credential of ${actorPhrase(event)} was refused${becausePhrase(event)}`;
}

function requestOf({ request }: AuditEvent): Phrase {
  return request === null ? phrase`a call` : codeOf(`${request.method} ${request.route}`);
}
