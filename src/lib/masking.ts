/** What looks like a credential of ours, or like a secret of a session, a link or a device. */
const CREDENTIAL = /\b((?:[a-z][a-z0-9]{1,11}_(?:live|test)|tok[dlr])_[0-9A-Za-z]{4})[0-9A-Za-z]{8,}/g;

/** `text` with no more than the beginning of each credential in it: for what people paste where it does not belong. */
export function maskCredentials(text: string): string {
  return text.replace(CREDENTIAL, '$1…');
}
