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
  'scope.created': { operation: 'create', description: 'A scope was added to the catalogue.' },
  'scope.updated': { operation: 'modify', description: 'The description of a scope was changed.' },
  'scope.deleted': { operation: 'remove', description: 'A scope was removed from the catalogue.' },
  'settings.updated': { operation: 'modify', description: 'Settings of the workspace were changed.' },
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
