import type { Facts, PortFacts } from './facts.ts';
import { count, type Finding, ok, problem, valueIn, warning } from './finding.ts';

export function examineVersion({ program: { version, node } }: Facts): Finding {
  return ok(`Tooken ${version} on Node.js ${node.replace(/^v/, '')}.`);
}

export function examineConfiguration({ config }: Facts): Finding {
  if ('failure' in config) return problem(config.failure);
  return ok(
    config.value.isProduction ? 'Every variable is valid.' : 'Every variable is valid. NODE_ENV is not production.',
  );
}

export function examineSecrets({ secrets }: Facts): Finding {
  if ('failure' in secrets) return problem(secrets.failure);
  const { isEmbedded, hasMigrationUrl } = secrets.value;
  if (isEmbedded) return ok('The embedded database, as DATABASE_URL is not set.');
  return ok(hasMigrationUrl ? 'DATABASE_URL, and MIGRATION_DATABASE_URL for the owner.' : 'DATABASE_URL.');
}

export function examineVariables({ unknownVariables }: Facts): Finding {
  if (unknownVariables.length === 0) return ok('None looks like ours and is not.');
  return warning(
    `${unknownVariables.join(', ')} ${unknownVariables.length === 1 ? 'has' : 'have'} no effect.`,
    'Correct or remove what is misspelt; README.md lists all variables.',
  );
}

const LOOPBACK = /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

export function examinePublicUrl({ config }: Facts): Finding | undefined {
  const known = valueIn(config);
  if (known === undefined) return undefined;
  const { publicUrl, isProduction } = known;
  const advice = 'Put the service behind a proxy that ends TLS, and set TOOKEN_PUBLIC_URL to its https address.';
  if (!isProduction || publicUrl.startsWith('https:')) return ok(`${publicUrl}.`);
  if (LOOPBACK.test(publicUrl)) return warning(`${publicUrl} is the issuer, and no other machine reaches it.`, advice);
  return warning(`${publicUrl} carries credentials in the clear.`, advice);
}

export function examineProxies({ config }: Facts): Finding | undefined {
  const known = valueIn(config);
  if (known === undefined) return undefined;
  const { publicUrl, trustedProxies } = known;
  if (trustedProxies.some((cidr) => cidr.endsWith('/0'))) {
    return problem(
      'TOOKEN_TRUST_PROXY trusts every address, so callers choose the address that they come from.',
      'Name the addresses of your proxies alone.',
    );
  }
  if (trustedProxies.length > 0) return ok(`X-Forwarded-For is believed from ${trustedProxies.join(', ')}.`);
  if (!publicUrl.startsWith('https:')) return ok('None: callers are taken for where they connect from.');
  return warning(
    'The public URL is that of a proxy, and none is trusted: every caller seems to come from there.',
    'Set TOOKEN_TRUST_PROXY to the address of the proxy, or limits and address lists will not work.',
  );
}

export function examineWorkers({ config, program: { cores } }: Facts): Finding | undefined {
  const workers = valueIn(config)?.workers;
  if (workers === undefined) return undefined;
  const found = `${count(workers, 'process', 'processes')} on ${count(cores, 'core')}.`;
  return workers <= cores ? ok(found) : warning(found, `Set TOOKEN_WORKERS to ${cores} at most.`);
}

export function examineServicePort({ servicePort }: Facts): Finding | undefined {
  if (servicePort === undefined) return undefined;
  const { url, state } = servicePort;
  if (state.kind !== 'ours') return examineFreePort(servicePort, 'PORT');
  if (state.unready === undefined) return ok(`Tooken answers at ${url}, and is ready.`);
  return warning(
    `Tooken answers at ${url}, and is not ready: ${state.unready}.`,
    'Look at what else is found here, and at the log of the service.',
  );
}

export function examineMetricsPort({ config, metricsPort }: Facts): Finding | undefined {
  if (metricsPort === undefined) {
    return valueIn(config)?.metrics === null ? ok('Off: METRICS_PORT is not set.') : undefined;
  }
  if (metricsPort.state.kind === 'ours') return ok(`The metrics are at ${metricsPort.url}/metrics.`);
  return examineFreePort(metricsPort, 'METRICS_PORT');
}

function examineFreePort({ url, state }: PortFacts, variable: string): Finding {
  if (state.kind === 'free') return ok(`Nothing listens at ${url}: the service does not run here.`);
  return problem(
    `Something else than Tooken answers at ${url}.`,
    `Stop what listens there, or set another ${variable}.`,
  );
}

export function examineMail({ secrets, mail }: Facts): Finding | undefined {
  if (valueIn(secrets) === undefined) return undefined;
  if (mail === undefined) return ok('Off: SMTP_URL is not set. Links are shown to whoever makes them.');
  const { server, failure } = mail;
  if (failure === undefined) return ok(`${server} takes mail from here.`);
  const answer = failure.response_code === undefined ? '' : `, answer ${failure.response_code}`;
  return problem(
    `${server} takes no mail from here (${failure.code}${answer}).`,
    'Check host, port, user and password in SMTP_URL, and that the server offers TLS with a certificate this machine trusts.',
  );
}

const MEBIBYTE = 1024 * 1024;
const LOW_DISK_BYTES = 1024 * MEBIBYTE;
const FULL_DISK_BYTES = 100 * MEBIBYTE;

export function examineDisk({ disk, secrets }: Facts): Finding | undefined {
  if (valueIn(secrets)?.isEmbedded === false) return ok('Nothing is kept here, as DATABASE_URL is set.');
  if (disk === undefined) return undefined;
  const { path, freeBytes } = disk;
  const found = `${Math.floor(freeBytes / MEBIBYTE).toLocaleString('en')} MiB are free in ${path}.`;
  if (freeBytes >= LOW_DISK_BYTES) return ok(found);
  const advice = 'Make room: when the disk is full, every change fails.';
  return freeBytes >= FULL_DISK_BYTES ? warning(found, advice) : problem(found, advice);
}

/** For the group and for others. */
const FOREIGN_BITS = 0o077;

export function examineKeyFile({ masterKey }: Facts): Finding | undefined {
  if (masterKey === undefined) return undefined;
  const { source, file } = masterKey;
  if (file === undefined) {
    return masterKey.fingerprint === undefined
      ? ok(`${source} is made at the first start.`)
      : ok(`None: ${source} holds the key.`);
  }
  const mode = file.mode.toString(8).padStart(4, '0');
  if ((file.mode & FOREIGN_BITS) === 0) return ok(`${file.path}, mode ${mode}.`);
  return warning(`${file.path} is open to other users: mode ${mode}.`, `Run: chmod 600 ${file.path}`);
}
