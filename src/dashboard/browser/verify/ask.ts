/**
 * What the service answers to a script of its own pages, in the visitor's session.
 *
 * @throws Error with what to tell the visitor
 */
export async function askJson(url: string): Promise<unknown> {
  const response = await fetch(url, { headers: { accept: 'application/json' }, cache: 'no-store' });
  if (response.redirected) throw new Error('Your session is over. Sign in, and verify again.');
  if (response.status === 503) {
    throw new Error('The service gives no proof now: it cannot reach its database, or signs no more for this log.');
  }
  if (!response.ok) throw new Error(`The service gives no proof: it answered ${response.status}.`);
  try {
    return await response.json();
  } catch {
    throw new Error('What the service answered is no proof.');
  }
}
