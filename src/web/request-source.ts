/** What the listener passes along with a request; absent parts are fine. */
export interface RequestSource {
  readonly incoming?: {
    readonly socket?: { readonly remoteAddress?: string | undefined };
    /** The body, chunk by chunk. */
    iterator?(options: { readonly destroyOnReturn: boolean }): AsyncIterable<Uint8Array>;
  };
  /** The answer under way. */
  readonly outgoing?: { destroy(): unknown };
}
