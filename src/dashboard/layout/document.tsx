import type { Child } from 'hono/jsx';
import type { AssetName, Assets } from '../assets/assets.ts';
import { iconUrl } from '../parts/mark.tsx';

interface DocumentProps {
  readonly title: string;
  readonly assets: Assets;
  readonly color: string | null;
  readonly scripts?: readonly AssetName[];
  readonly bodyClass: string;
  readonly children: Child;
}

/** What every page is: what it needs from elsewhere, and a way past the navigation. */
export function Document({ title, assets, color, scripts = [], bodyClass, children }: DocumentProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>{title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <link rel="icon" href={iconUrl(color)} />
        <link rel="stylesheet" href={assets.urlOf('dashboard.css')} />
        {(['main.js', ...scripts] as const).map((name) => (
          <script type="module" src={assets.urlOf(name)} />
        ))}
      </head>
      <body class={bodyClass}>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        {children}
      </body>
    </html>
  );
}
