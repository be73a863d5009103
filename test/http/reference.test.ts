import { describe, expect, it } from 'vitest';
import { createApi } from '../../src/http/api.ts';
import { createDocument } from '../../src/http/openapi/document.ts';
import { outlineOf } from '../../src/http/openapi/outline.ts';
import { REFERENCE_POLICY, renderReference } from '../../src/http/openapi/reference.tsx';
import { dereference } from '../../src/http/openapi/schema.ts';
import { mountReference } from '../../src/http/routes/reference.ts';
import { mountRoutes } from '../../src/http/routes.ts';
import { ERROR_CATALOGUE } from '../../src/lib/errors.ts';
import type { Services } from '../../src/web/services.ts';
import { HOSTILE_TEXT, hostileDocument } from './reference-fixture.ts';

const api = createApi();
mountRoutes(api, {} as Services);
mountReference(api);
const real = createDocument(api);

const documents = [
  ['of the service', renderReference(real)],
  ['of a hostile document', renderReference(hostileDocument)],
] as const;

function matchesOf(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '');
}

/** What a reader sees, tags and entities undone. */
function readable(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

/** The part of the page between the element with `id` and the next section. */
function sectionOf(html: string, id: string): string {
  const start = html.indexOf(` id="${id}"`);
  expect(start).toBeGreaterThan(-1);
  return html.slice(start, html.indexOf('</section>', start));
}

describe('the API reference', () => {
  const page = documents[0][1];

  for (const { tag, operations } of outlineOf(real)) {
    it.each(operations.map((placed) => [`${placed.method} ${placed.path}`, placed] as const))(
      `shows all of %s, under ${tag}`,
      (_, { method, path, operation, anchor }) => {
        const section = readable(sectionOf(page, anchor));
        expect(section).toContain(`${method.toUpperCase()} ${path}`);
        expect(section).toContain(operation.summary);
        expect(section).toContain('curl ');
        for (const parameter of operation.parameters ?? []) {
          expect(section).toContain(dereference(real, parameter).name);
        }
        for (const status of Object.keys(operation.responses)) expect(section).toContain(status);
        if (operation.security?.length !== 0) expect(section).toContain('Callers: ');
      },
    );
  }

  it('has every operation of the document once, and a way to it', () => {
    const count = Object.values(real.paths).flatMap((item) => Object.keys(item)).length;
    expect(page.match(/<section class="operation"/g)).toHaveLength(count);
    for (const anchor of matchesOf(page, /<section class="operation" id="([^"]+)"/g)) {
      expect(page.slice(0, page.indexOf('</nav>'))).toContain(`href="#${anchor}"`);
    }
  });

  it('lists every code of the error catalogue with its status and sentence', () => {
    const errors = readable(sectionOf(page, 'errors'));
    for (const [code, { status, message }] of Object.entries(ERROR_CATALOGUE)) {
      expect(errors).toContain(`${code}: ${message}`);
      expect(page).toContain(` id="error-${status}"`);
    }
  });

  it('names every way to authenticate', () => {
    const section = readable(sectionOf(page, 'authentication'));
    for (const header of ['Authorization: Bearer', 'X-API-Key:', 'Authorization: Basic']) {
      expect(section).toContain(header);
    }
  });
});

describe.each(documents)('the page %s', (_, page) => {
  it('loads nothing but the stylesheet, and links to nothing but itself and the YAML', () => {
    const targets = matchesOf(page, /\s(?:href|src|action|data|srcset|poster)="([^"]*)"/g);
    const outside = targets.filter((target) => !target.startsWith('#'));
    expect(outside).toEqual([
      expect.stringMatching(/^data:image\/svg\+xml,[\w%.-]+$/),
      'docs/style.css',
      'openapi.yaml',
    ]);
    expect(page).not.toMatch(/<(?:script|style|iframe|object|embed|img|base|form|meta http-equiv)\b/i);
  });

  it('has no inline style and no event handler', () => {
    for (const tag of matchesOf(page, /<([a-z][^>]*)>/gi)) expect(tag).not.toMatch(/\s(?:style|on\w+)\s*=/i);
  });

  it('has unique anchors, and every link within it leads somewhere', () => {
    const ids = matchesOf(page, /\sid="([^"]*)"/g);
    expect(new Set(ids).size).toBe(ids.length);
    for (const target of matchesOf(page, /\shref="#([^"]*)"/g)) expect(ids).toContain(target);
  });

  it('has headings without a missing level, and one of the first', () => {
    const levels = matchesOf(page, /<h([1-6])/g).map(Number);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.forEach((level, index) => {
      expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
    });
  });

  it('says nothing of undefined values or objects that became text', () => {
    expect(readable(page)).not.toMatch(/undefined|\[object|NaN/);
  });
});

describe('a hostile document', () => {
  const page = documents[1][1];

  it('is shown as the text that it is', () => {
    expect(page).not.toContain('<b>');
    expect(readable(page)).toContain(HOSTILE_TEXT);
  });

  it('ends where a schema recurs', () => {
    expect(readable(page)).toContain('children array of Tree');
    expect(page.length).toBeLessThan(100_000);
  });

  it('shows unions, places, maps and nullable references', () => {
    const section = readable(page);
    for (const text of ['string or integer', 'In this order', 'Every other field', 'Tree or null', 'One of']) {
      expect(section).toContain(text);
    }
  });
});

describe('the routes of the reference', () => {
  it('serve the page under a policy that allows its stylesheet and nothing else', async () => {
    const answer = await api.request('/docs');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=UTF-8');
    expect(answer.headers.get('content-security-policy')).toBe(REFERENCE_POLICY);
    expect(REFERENCE_POLICY).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(await answer.text()).toBe(renderReference(real));
  });

  it('serve the stylesheet, which loads nothing either', async () => {
    const answer = await api.request('/docs/style.css');
    expect(answer.headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(await answer.text()).not.toMatch(/url\(|@import|@font-face/);
  });

  it.each(['/docs', '/docs/style.css', '/openapi.yaml'])('answer 304 for %s that has not changed', async (path) => {
    const first = await api.request(path);
    const etag = first.headers.get('etag') ?? '';
    const again = await api.request(path, { headers: { 'if-none-match': etag } });
    expect([first.status, again.status]).toEqual([200, 304]);
  });
});
