/**
 * Every action the audit log knows: `resource.past_tense`, the kind of operation it is, and one sentence for the
 * documentation, whose table is generated from here.
 */
export type Operation = 'create' | 'modify' | 'remove' | 'access' | 'authenticate';

interface CatalogueEntry {
  readonly operation: Operation;
  readonly description: string;
}

export const AUDIT_ACTIONS = {
  'workspace.created': { operation: 'create', description: 'A workspace was created.' },
  'api_key.created': { operation: 'create', description: 'An API key was created.' },
  'api_key.regenerated': { operation: 'modify', description: 'An API key got a new value; the old one is dead.' },
  'api_key.deleted': { operation: 'remove', description: 'An API key was deleted.' },
  'token.created': { operation: 'create', description: 'A token was issued.' },
  'token.updated': { operation: 'modify', description: 'Fields of a token were changed.' },
  'token.rotated': { operation: 'modify', description: 'A token got a new secret.' },
  'token.rotation_finished': { operation: 'modify', description: 'The overlap after a rotation was ended early.' },
  'token.revoked': { operation: 'modify', description: 'A token was revoked.' },
  'token.deleted': { operation: 'remove', description: 'A finished token was removed from the list.' },
  'token.first_used': { operation: 'access', description: 'A token was used for the first time.' },
  'token.used_from_new_source': {
    operation: 'access',
    description:
      'A token was used from an address it had not been used from; with `reason` `too_many_sources`, further ones are not told.',
  },
  'token.use_denied': {
    operation: 'access',
    description: 'A token was presented to a service and was not good there and then; `reason` says why.',
  },
  'token.introspected': {
    operation: 'access',
    description:
      'Tokens were introspected, in a workspace that has every introspection recorded: each has a record of its own.',
  },
  'token.reassigned': { operation: 'modify', description: 'A token got another owner, or none.' },
  'scope.created': { operation: 'create', description: 'A scope was added to the catalogue.' },
  'scope.updated': { operation: 'modify', description: 'The description of a scope was changed.' },
  'scope.deleted': { operation: 'remove', description: 'A scope was removed from the catalogue.' },
  'settings.updated': { operation: 'modify', description: 'Settings of the workspace were changed.' },
  'role.created': { operation: 'create', description: 'A role was created.' },
  'role.updated': { operation: 'modify', description: 'A role was changed, and with it what its tokens can do.' },
  'role.deleted': { operation: 'remove', description: 'A role was deleted.' },
  'group.created': { operation: 'create', description: 'A visibility group was created.' },
  'group.updated': { operation: 'modify', description: 'A visibility group was changed.' },
  'group.deleted': {
    operation: 'remove',
    description: 'A visibility group was deleted; its members are in it no more.',
  },
  'project.created': { operation: 'create', description: 'A project was created.' },
  'project.updated': { operation: 'modify', description: 'A project was changed.' },
  'project.deleted': { operation: 'remove', description: 'A project without live tokens was deleted.' },
  'member.created': { operation: 'create', description: 'A member that cannot sign in was made, to own tokens.' },
  'member.invited': { operation: 'create', description: 'Somebody was invited, or invited once more.' },
  'member.joined': { operation: 'modify', description: 'An invitation was accepted and a password chosen.' },
  'member.updated': {
    operation: 'modify',
    description: 'Name, email, access, roles or groups of a member were changed.',
  },
  'member.removed': {
    operation: 'remove',
    description: 'A member was removed. Its sessions and its tokens are dead; the tokens can be reassigned.',
  },
  'member.signed_in': { operation: 'authenticate', description: 'A member signed in, second factor included.' },
  'member.sign_in_failed': {
    operation: 'authenticate',
    description:
      'A sign-in failed; `reason` says at which step. Where nobody has the email address there is no target.',
  },
  'member.locked': {
    operation: 'authenticate',
    description: 'Too many failures in a row: nobody can sign in with that password for a while.',
  },
  'member.signed_out': { operation: 'authenticate', description: 'A member signed out.' },
  'member.stepped_up': { operation: 'authenticate', description: 'A signed-in member proved anew who it is.' },
  'member.password_changed': {
    operation: 'modify',
    description: 'A member changed its password; every session it had is over.',
  },
  'member.password_forgotten': {
    operation: 'authenticate',
    description: 'A link to set a new password was asked for, and sent by mail.',
  },
  'member.reset_link_created': {
    operation: 'modify',
    description: 'A link to set a new password was made for a member by somebody else.',
  },
  'member.password_reset': {
    operation: 'modify',
    description: 'A member set a new password by a link; every session it had is over.',
  },
  'member.totp_enabled': { operation: 'modify', description: 'A member turned the second factor on.' },
  'member.totp_disabled': {
    operation: 'modify',
    description: 'The second factor of a member was turned off; every session it had is over.',
  },
  'member.recovery_codes_created': {
    operation: 'modify',
    description: 'A member got new recovery codes; older ones are dead.',
  },
  'member.recovery_code_used': { operation: 'authenticate', description: 'A recovery code was used up.' },
  'session.ended': { operation: 'remove', description: 'A session of a member was ended; `reason` says why.' },
  'session.all_ended': { operation: 'remove', description: 'All sessions of a member were ended.' },
  'session.refresh_reused': {
    operation: 'authenticate',
    description:
      'A refresh token was presented that had been used before: the session was ended, as one of two has stolen it.',
  },
  'audit_log.exported': {
    operation: 'access',
    description: 'Events of the audit log were exported; `changes` say which.',
  },
  'audit_log.reopened': {
    operation: 'modify',
    description:
      'A log for which nothing more was signed began anew, under a new origin and with a new key; `changes` say why.',
  },
  'personal_data.erased': {
    operation: 'remove',
    description:
      'Personal data of one subject was erased from the log and from usage. The target says whose, but which address it does not say.',
  },
  'authentication.failed': {
    operation: 'authenticate',
    description: 'A credential was refused; `reason` says why.',
  },
  'request.denied': {
    operation: 'access',
    description: 'An authenticated caller asked for something it may not do; `reason` says what it lacked.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type AuditAction = keyof typeof AUDIT_ACTIONS;
