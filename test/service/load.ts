import { Agent, request } from 'node:http';

/** Where a request goes; a balancer chooses anew for each. */
export type Target = () => { readonly url: string };

/** How the requests of a load ended: `200`, or the code of the error. */
export type Tally = Readonly<Record<string, number>>;

export interface Load {
  /** Answers so far. */
  answered(): number;
  /** Lets every client finish its last request. */
  stop(): Promise<Tally>;
}

export interface LoadOptions {
  readonly clients: number;
  /** Whether a client keeps its connection, as most do, or makes one for each request. */
  readonly keepsConnection: boolean;
  readonly path: string;
  /** A form to send there; without one it is asked by GET. */
  readonly form?: string;
  readonly secret: string;
  /** Between an answer and the next request. */
  readonly pauseMs?: number;
  /** Asked where to send a request again that was refused before anything was sent. */
  readonly target: Target;
  readonly retriesRefused?: boolean;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** Clients that send one request after the other; none of them ever repeats one that may have arrived. */
export function startLoad({
  clients,
  keepsConnection,
  path,
  form,
  secret,
  pauseMs = 0,
  target,
  retriesRefused = false,
}: LoadOptions): Load {
  const tally: Record<string, number> = {};
  let answered = 0;
  let isStopping = false;

  async function run(): Promise<void> {
    const agent = new Agent({ keepAlive: keepsConnection, maxSockets: 1 });
    while (!isStopping) {
      const outcome = await ask(agent);
      if (retriesRefused && outcome === 'ECONNREFUSED') continue;
      tally[outcome] = (tally[outcome] ?? 0) + 1;
      answered += 1;
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    agent.destroy();
  }

  function ask(agent: Agent): Promise<string> {
    return new Promise((resolve) => {
      const headers = { authorization: `Bearer ${secret}`, ...(form !== undefined && FORM) };
      const options = { method: form === undefined ? 'GET' : 'POST', agent, headers, timeout: 20_000 };
      const sent = request(`${target().url}${path}`, options, (response) => {
        response.resume();
        response.on('end', () => resolve(String(response.statusCode)));
        response.on('error', (error) => resolve(codeOf(error)));
      });
      sent.on('timeout', () => sent.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })));
      sent.on('error', (error) => resolve(codeOf(error)));
      sent.end(form);
    });
  }

  const running = Array.from({ length: clients }, run);
  return {
    answered: () => answered,
    async stop() {
      isStopping = true;
      await Promise.all(running);
      return tally;
    },
  };
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message;
}
