import type { Child } from 'hono/jsx';
import type { AssetName, Assets } from '../assets/assets.ts';
import { Icon } from '../parts/icon.tsx';
import { Mark } from '../parts/mark.tsx';
import { Document } from './document.tsx';

interface BareProps {
  readonly title: string;
  readonly assets: Assets;
  readonly scripts?: readonly AssetName[];
  readonly notice?: string | undefined;
  readonly children: Child;
}

/** A page for somebody who has not signed in. */
export function Bare({ title, assets, scripts, notice, children }: BareProps) {
  return (
    <Document title={`${title} · Tooken`} assets={assets} color={null} bodyClass="bare" {...(scripts && { scripts })}>
      <main id="main" tabindex={-1} class="bare-card">
        <p class="brand">
          <Mark color={null} />
          Tooken
        </p>
        <h1>{title}</h1>
        {notice !== undefined && (
          <div class="alert alert-good" role="status">
            <Icon name="check" />
            <span>{notice}</span>
          </div>
        )}
        {children}
      </main>
    </Document>
  );
}
