import type { ApiKeyId, TokenId } from '../lib/ids.ts';

/**
 * What an invalidation is about. One covers all that is remembered of a token or an API key, whichever of its credentials
 * led there; `creation` covers all that is remembered as unknown.
 */
export type Subject = TokenId | ApiKeyId | 'creation';
