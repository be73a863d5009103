import type { Assets } from '../assets/assets.ts';
import type { View } from '../kernel/view.ts';
import type { Visit } from '../kernel/visit.ts';
import { Icon } from '../parts/icon.tsx';
import { Document } from './document.tsx';
import { Navigation } from './navigation.tsx';

/** A page for somebody who has signed in: the view, and what is around it. */
export function Shell({
  visit,
  assets,
  view,
}: {
  visit: Visit;
  assets: Assets;
  view: Partial<View> & Pick<View, 'title' | 'body'>;
}) {
  const { workspace } = visit.session;
  return (
    <Document
      title={`${view.title} · ${workspace.name}`}
      assets={assets}
      color={workspace.color}
      bodyClass={`app app-${visit.environment}`}
      {...(view.scripts !== undefined && { scripts: view.scripts })}
    >
      <Navigation visit={visit} section={view.section} />
      <main id="main" tabindex={-1}>
        {visit.environment === 'test' && <p class="test-band">Test environment</p>}
        <div class="page">
          {visit.notice !== undefined && (
            <div class="alert alert-good" role="status">
              <Icon name="check" />
              <span>{visit.notice}</span>
            </div>
          )}
          <header class="page-head">
            <div>
              {view.crumbs !== undefined && (
                <nav class="crumbs" aria-label="Breadcrumb">
                  {view.crumbs.map(({ title, href }) => (
                    <a href={href}>{title}</a>
                  ))}
                </nav>
              )}
              <h1>{view.title}</h1>
            </div>
            {view.actions !== undefined && <div class="actions">{view.actions}</div>}
          </header>
          {view.body}
        </div>
      </main>
    </Document>
  );
}
