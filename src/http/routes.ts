import type { Api } from './api.ts';
import { mountApiKeys } from './routes/api-keys.ts';
import { mountAuditErasures } from './routes/audit-erasures.ts';
import { mountAuditExport } from './routes/audit-export.ts';
import { mountAuditHistogram } from './routes/audit-histogram.ts';
import { mountAuditIntrospections } from './routes/audit-introspections.ts';
import { mountAuditLog } from './routes/audit-log.ts';
import { mountAuditProof } from './routes/audit-proof.ts';
import { mountAuditStream } from './routes/audit-stream.ts';
import { mountAuth } from './routes/auth.ts';
import { mountAuthSessions } from './routes/auth-sessions.ts';
import { mountGroups } from './routes/groups.ts';
import { mountJwks } from './routes/jwks.ts';
import { mountLogs } from './routes/logs.ts';
import { mountMemberSessions } from './routes/member-sessions.ts';
import { mountOauth } from './routes/oauth.ts';
import { mountProjects } from './routes/projects.ts';
import { mountRequests } from './routes/requests.ts';
import { mountRoles } from './routes/roles.ts';
import { mountScopes } from './routes/scopes.ts';
import { mountSettings } from './routes/settings.ts';
import { mountTokens } from './routes/tokens.ts';
import { mountUsage } from './routes/usage.ts';
import { mountWhoami } from './routes/whoami.ts';
import type { Services } from './services.ts';

/** The handlers of every operation. Their guards are installed apart, from the access table (http.ts). */
export function mountRoutes(api: Api, services: Services): void {
  mountOauth(api, services);
  mountTokens(api, services);
  mountScopes(api, services);
  mountRoles(api, services);
  mountGroups(api, services);
  mountProjects(api, services);
  mountSettings(api, services);
  mountApiKeys(api, services);
  mountUsage(api, services);
  mountRequests(api, services);
  // Before the one whose path has a parameter where these have a name.
  mountAuditHistogram(api, services);
  mountAuditStream(api, services);
  mountAuditExport(api, services);
  mountAuditLog(api, services);
  mountAuditErasures(api, services);
  mountAuditIntrospections(api, services);
  mountAuditProof(api, services);
  mountLogs(api, services);
  mountAuth(api, services);
  mountAuthSessions(api, services);
  mountMemberSessions(api, services);
  mountJwks(api, services);
  mountWhoami(api);
}
