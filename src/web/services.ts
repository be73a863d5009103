import type { DenialRecorder } from '../audit/denials/recorder.ts';
import type { Evidence } from '../audit/evidence.ts';
import type { LogWatch } from '../audit/queries/follow-watch.ts';
import type { Fence } from '../coherence/fence.ts';
import type { Replica } from '../coherence/replica.ts';
import type { Config } from '../config/config.ts';
import type { AnswerSeal } from '../credentials/answer-seal.ts';
import type { DigestFunction } from '../credentials/digest.ts';
import type { Database } from '../db/connection.ts';
import type { AccessTokens } from '../identity/access-tokens/access-tokens.ts';
import type { ForgottenPasswords } from '../identity/members/forgotten.ts';
import type { Passwords } from '../identity/passwords/passwords.ts';
import type { SuccessorFunction } from '../identity/sessions/refresh-token.ts';
import type { SignInKeys } from '../identity/sign-in/keys.ts';
import type { SecondFactorKeys } from '../identity/totp/keys.ts';
import type { IntrospectionRecorder } from '../introspection/recorded/recorder.ts';
import type { Records } from '../introspection/records.ts';
import type { Usage } from '../introspection/usage/usage.ts';
import type { Clock } from '../lib/clock.ts';
import type { CursorCodec } from '../lib/cursor.ts';
import type { Random } from '../lib/random.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { RequestLog } from '../requests/request-log.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Limits } from './limits.ts';
import type { LongAnswers } from './long-answers.ts';
import type { Refusals } from './refusals.ts';

/** What the HTTP API draws on; the composition root makes it, a service function takes the part it needs. */
export interface Services extends Evidence {
  readonly config: Pick<Config, 'publicUrl' | 'trustedProxies' | 'requestLogDays'>;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly db: Database;
  readonly digest: DigestFunction;
  readonly accessTokens: AccessTokens;
  readonly successorOf: SuccessorFunction;
  readonly cursors: CursorCodec;
  readonly answers: AnswerSeal;
  readonly secondFactorKeys: SecondFactorKeys;
  readonly passwords: Passwords;
  readonly signInKeys: SignInKeys;
  /** Tells the audit log of a failed sign-in; repeats are counted. */
  readonly recordDenial: DenialRecorder['record'];
  readonly mailer: Mailer;
  readonly forgottenPasswords: ForgottenPasswords;
  readonly records: Records;
  readonly fence: Fence;
  readonly replica: Replica;
  readonly limits: Limits;
  readonly refusals: Refusals;
  readonly recorder: IntrospectionRecorder;
  readonly usage: Usage;
  readonly requestLog: RequestLog;
  readonly metrics: Metrics;
  /** Looks at logs for all who follow them. */
  readonly logWatch: LogWatch;
  readonly longAnswers: LongAnswers;
  /** Aborted when the process begins to stop: answers that go on and on end then, in good order. */
  readonly stopping: AbortSignal;
}
