import { describe, expect, it } from 'vitest';
import { explore, type Violation } from './model/explore.ts';
import { NEEDED, PRECAUTIONS, type SwitchedOff } from './model/switched-off.ts';

const found = new Map<SwitchedOff, Violation | undefined>();

function violationOf(off: SwitchedOff): Violation | undefined {
  if (!found.has(off)) found.set(off, explore(off.setup).violation);
  return found.get(off);
}

describe('every rule is needed: a promise breaks unless', () => {
  it.each(NEEDED)('$rule', { timeout: 120_000 }, (off) => {
    expect(violationOf(off)).toBeDefined();
  });

  it('counterexamples.md tells how, for each of them', { timeout: 240_000 }, async () => {
    await expect(`${PREFACE}${NEEDED.map(tell).join('')}`).toMatchFileSnapshot('counterexamples.md');
  });
});

describe('a precaution, without which no promise breaks as far as the model goes:', () => {
  it.each(PRECAUTIONS)('$rule', { timeout: 120_000 }, (off) => {
    expect(violationOf(off)).toBeUndefined();
  });
});

const PREFACE = `# What each rule is there for

For each rule of the coherence protocol a shortest history in which a promise breaks because that rule alone is switched off.
Written by \`npx vitest run test/coherence/switched-off -u\`; [world.ts](model/world.ts) says how to read it.
`;

function tell(off: SwitchedOff): string {
  const { trace = [], promise = 'nothing breaks' } = violationOf(off) ?? {};
  const lines = trace.map((label, index) => `${index + 1}. ${label}`);
  return `\n## ${off.rule}\n\n${lines.join('\n')}\n\n**${promise}**\n`;
}
