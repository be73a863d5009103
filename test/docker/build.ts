import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import {
  type Copy,
  type Instruction,
  parseCommand,
  parseCopy,
  parseDockerfile,
  parseDockerignore,
  parseEnv,
} from './dockerfile.ts';

/** What the last stage leaves: a directory that stands for `/`, and how to start what is in it. */
export interface Image {
  readonly root: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

const run = promisify(execFile);

/**
 * Performs the steps of `context/Dockerfile` without a container engine: each stage is an empty directory under `scratch`,
 * and the commands run there with this machine's Node. What the base image brings beyond Node and npm is not rehearsed.
 */
export async function rehearseBuild(context: string, scratch: string): Promise<Image> {
  const stages = parseDockerfile(await readFile(join(context, 'Dockerfile'), 'utf8'));
  const isIgnored = parseDockerignore(await readFile(join(context, '.dockerignore'), 'utf8'));
  const roots = new Map<string, string>();
  let image: Image | undefined;
  for (const [index, stage] of stages.entries()) {
    if (!stage.base.startsWith('node:')) throw new Error(`cannot rehearse a stage on ${stage.base}`);
    const root = join(scratch, `stage-${index}`);
    await mkdir(root, { recursive: true });
    image = { root, workdir: '/', env: {}, user: 'root', entrypoint: [], command: [], healthcheck: [] };
    for (const instruction of stage.instructions) {
      image = { ...image, ...(await perform(instruction, image)) };
    }
    roots.set(stage.name ?? String(index), root);
  }
  if (image === undefined) throw new Error('the Dockerfile has no stage');
  return image;

  async function perform({ keyword, rest }: Instruction, current: Image): Promise<Partial<Image>> {
    switch (keyword) {
      case 'WORKDIR':
        await mkdir(join(current.root, resolve(current.workdir, rest)), { recursive: true });
        return { workdir: resolve(current.workdir, rest) };
      case 'COPY':
        await copy(parseCopy(rest), current);
        return {};
      case 'RUN':
        await runStep(rest, current);
        return {};
      case 'ENV':
        return { env: { ...current.env, ...parseEnv(rest) } };
      case 'USER':
        return { user: rest };
      case 'HEALTHCHECK':
        return { healthcheck: parseCommand(rest.slice(rest.indexOf('CMD') + 3)) };
      case 'ENTRYPOINT':
        return { entrypoint: parseCommand(rest), command: [] };
      case 'CMD':
        return { command: parseCommand(rest) };
      case 'EXPOSE':
      case 'VOLUME':
        return {};
    }
  }

  async function copy({ from, sources, target }: Copy, { root, workdir }: Image): Promise<void> {
    const base = from === undefined ? context : roots.get(from);
    if (base === undefined) throw new Error(`there is no stage ${from}`);
    const isAllowed = (path: string) => from !== undefined || !isIgnored(relative(context, path));
    for (const source of sources) {
      const path = join(base, source);
      if (!isAllowed(path)) throw new Error(`.dockerignore excludes ${source}`);
      const isFile = (await stat(path)).isFile();
      const destination = join(root, resolve(workdir, target), isFile && target.endsWith('/') ? basename(source) : '.');
      await cp(path, destination, { recursive: true, verbatimSymlinks: true, filter: isAllowed });
    }
  }
}

async function runStep(command: string, { root, workdir, env }: Image): Promise<void> {
  const options = { cwd: join(root, workdir), env: buildEnvironment(env) };
  await run('sh', ['-c', command], options).catch((error: Error & { stdout?: string; stderr?: string }) => {
    throw new Error(`RUN ${command} failed:\n${error.stdout}\n${error.stderr}`);
  });
}

/** Nothing of the surrounding npm and test run, save how to reach the registry; packages come from npm's cache if they can. */
function buildEnvironment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = ['HOME', 'npm_config_cache', 'npm_config_registry', 'npm_config_userconfig', 'NODE_EXTRA_CA_CERTS'];
  return {
    ...Object.fromEntries(inherited.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
    PATH: systemPath(),
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    ...env,
  };
}

/** Without the tools of this repository, which npm puts in front and which would hide that the image lacks one. */
export function systemPath(): string {
  return (process.env.PATH ?? '')
    .split(':')
    .filter((directory) => !directory.includes('node_modules'))
    .join(':');
}
