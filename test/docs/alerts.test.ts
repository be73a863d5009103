import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { FAMILIES, labelsOf } from './tables.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string };
}

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { groups } = parse(read('examples/alerts.yml')) as { groups: readonly { rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** What Prometheus knows of ours: the names of values, with their labels. */
const VALUES = new Map(
  FAMILIES.flatMap((family) => {
    const suffixes = family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    return suffixes.map((suffix) => [`${family.name}${suffix}`, labelsOf(family)] as const);
  }),
);

describe('the alerts in examples/', () => {
  it.each(rules)('$alert asks for metrics and labels that there are', ({ expr, annotations }) => {
    const selectors = [...expr.matchAll(/\b(tooken_\w+)(?:\{([^}]*)\})?/g)];
    expect(selectors.length).toBeGreaterThan(0);
    for (const [, name = '', matchers = ''] of selectors) {
      expect([...VALUES.keys()]).toContain(name);
      for (const [, label] of matchers.matchAll(/(\w+)\s*[=!]/g)) expect(VALUES.get(name)).toContain(label);
    }
    // What an aggregation leaves of the labels, or all of them.
    const kept =
      /\bby \(([^)]*)\)/.exec(expr)?.[1]?.split(/,\s*/) ?? selectors.flatMap(([, name = '']) => VALUES.get(name) ?? []);
    for (const [, label] of annotations.summary.matchAll(/\$labels\.(\w+)/g))
      expect([...kept, 'instance']).toContain(label);
  });

  it('are those that docs/metrics.md explains', () => {
    const explained = [...read('docs/metrics.md').matchAll(/^\| `Tooken.*$/gm)].flatMap(
      ([row]) => row.match(/Tooken\w+/g) ?? [],
    );
    expect(explained.toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
  });
});
