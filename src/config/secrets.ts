import { readFileSync } from 'node:fs';
import { StartupError } from '../lib/startup-error.ts';
import type { Environment } from './config.ts';
import { readSmtp, type SmtpSettings } from './smtp.ts';

/** What must never be logged or shown. */
export interface Secrets {
  /** Undefined: run the embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  /** The owner role that migrates; undefined when one role does both. */
  readonly migrationDatabaseUrl: string | undefined;
  /** 32 bytes; undefined: use the one generated into the data directory. */
  readonly masterKey: Buffer | undefined;
  /** Undefined: no mail is sent. */
  readonly smtp?: SmtpSettings | undefined;
}

export function readSecrets(env: Environment): Secrets {
  const databaseUrl = readUrl(env, 'DATABASE_URL');
  const migrationDatabaseUrl = readUrl(env, 'MIGRATION_DATABASE_URL');
  if (databaseUrl === undefined && migrationDatabaseUrl !== undefined) {
    throw new StartupError('MIGRATION_DATABASE_URL: is set without DATABASE_URL. Set both, or neither.');
  }
  const [masterKey, smtp] = [readMasterKey(env), readSmtp(env)];
  if (databaseUrl !== undefined && masterKey === undefined) {
    throw new StartupError(
      'TOOKEN_MASTER_KEY: is required with DATABASE_URL. Make one with `openssl rand -base64 32`, keep it safe, and set TOOKEN_MASTER_KEY or TOOKEN_MASTER_KEY_FILE.',
    );
  }
  return { databaseUrl, migrationDatabaseUrl, masterKey, smtp };
}

function readMasterKey(env: Environment): Buffer | undefined {
  const [value, file] = [env.TOOKEN_MASTER_KEY || undefined, env.TOOKEN_MASTER_KEY_FILE || undefined];
  if (value !== undefined && file !== undefined) {
    throw new StartupError('TOOKEN_MASTER_KEY: is set together with TOOKEN_MASTER_KEY_FILE. Set one of them.');
  }
  if (file !== undefined) return decodeMasterKey('TOOKEN_MASTER_KEY_FILE', readKeyFile(file));
  return value === undefined ? undefined : decodeMasterKey('TOOKEN_MASTER_KEY', value);
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new StartupError(
      `TOOKEN_MASTER_KEY_FILE: cannot read ${path}. Check that it exists and that this user may read it.`,
    );
  }
}

/** Exactly 32 bytes of base64; `source` names where they came from in the error, which never quotes them. */
export function decodeMasterKey(source: string, text: string): Buffer {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, 'base64');
  if (bytes.length === 32 && bytes.toString('base64') === trimmed) return bytes;
  throw new StartupError(
    `${source}: must be 32 bytes in base64 (44 characters). Make one with \`openssl rand -base64 32\`.`,
  );
}

function readUrl(env: Environment, name: 'DATABASE_URL' | 'MIGRATION_DATABASE_URL'): string | undefined {
  const text = env[name] || undefined;
  if (text === undefined) return undefined;
  if (!URL.canParse(text) || !/^postgres(ql)?:$/.test(new URL(text).protocol)) {
    throw new StartupError(
      `${name}: must be a PostgreSQL URL. Example: ${name}=postgres://tooken:password@db.example.com:5432/tooken`,
    );
  }
  if (!isDecodable(text)) {
    throw new StartupError(`${name}: has a % that escapes nothing. In a user or password write %25 for it.`);
  }
  return text;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
