/** Text to be taken elsewhere. Without scripts there is no button, and the text can be selected. */
export function Copyable({ label, text, block }: { label: string; text: string; block?: boolean }) {
  return (
    <div class={block === true ? 'copyable copyable-block' : 'copyable'}>
      <code>{text}</code>
      <button type="button" class="button button-small" data-copy hidden aria-label={`Copy: ${label}`}>
        Copy
      </button>
    </div>
  );
}

/** A value that is shown on this page and nowhere again; `page` is where loading it again leads to. */
export function SecretOnce({ label, secret, page }: { label: string; secret: string; page: string }) {
  return (
    <div class="secret" data-once={page}>
      <p>
        <strong>This is the only time it is shown.</strong> Tooken keeps a digest of it, from which nobody gets it back.
      </p>
      <Copyable label={label} text={secret} block />
    </div>
  );
}
