/** What a member may do in Tooken. Not a ladder: an auditor reads what an admin reads, and changes nothing. */
export const ACCESS_LEVELS = ['owner', 'admin', 'member', 'auditor'] as const;
export type AccessLevel = (typeof ACCESS_LEVELS)[number];

/** Owners and admins: who manages the workspace. */
export function isManager(access: AccessLevel): boolean {
  return access === 'owner' || access === 'admin';
}

/** Whether a member sees the tokens of others. */
export function seesAllTokens(access: AccessLevel): boolean {
  return access !== 'member';
}
