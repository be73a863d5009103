import { StartupError } from '../lib/startup-error.ts';
import { databaseErrorCode, isConnectionLost, isDatabaseUnavailable } from './errors.ts';

/** A connection problem as one line that names the variable to look at; the URL holds a password and stays out. */
export function explainConnection(error: unknown, variable: string): unknown {
  const code = databaseErrorCode(error);
  if (code === undefined || error instanceof StartupError) return error;
  const [what, advice] = diagnose(error, code) ?? [];
  if (what === undefined) return error;
  return new StartupError(`${variable}: ${what} (${code}).${advice === undefined ? '' : ` ${advice}`}`);
}

/** What is wrong and, where that does not say it, what to do. */
type Diagnosis = readonly [what: string, advice?: string];

const REFUSED_LOGIN: Diagnosis = ['the database refused the user or password'];

const DIAGNOSES: Readonly<Record<string, Diagnosis>> = {
  '28P01': REFUSED_LOGIN,
  '28000': REFUSED_LOGIN,
  '3D000': ['the database server has no database of that name'],
  '53300': [
    'the database has no connection left',
    'Raise its limit, or lower TOOKEN_WORKERS or TOOKEN_DB_CONNECTIONS.',
  ],
  ECONNRESET: [
    'what listens there closed the connection',
    'Check that it is PostgreSQL, and that it takes TLS if the URL asks for that.',
  ],
};

function diagnose(error: unknown, code: string): Diagnosis | undefined {
  if (code in DIAGNOSES) return DIAGNOSES[code];
  if (code === '42704' && isConnectionLost(error)) return ['the server knows no such parameter as one behind the "?"'];
  if (/CERT|SIGNATURE/.test(code)) {
    return ["the server's certificate is not trusted", 'Name the file of its authority in NODE_EXTRA_CA_CERTS.'];
  }
  if (!isDatabaseUnavailable(error)) return undefined;
  return ['the database cannot be reached', 'Check the address, and that PostgreSQL runs.'];
}
