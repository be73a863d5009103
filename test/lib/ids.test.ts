import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { createIdSeries, type Id, idFromUuid, idPattern, idToUuid, newId, type TokenId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';

const source = { clock: systemClock, random: systemRandom };

describe('an id', () => {
  // From the specification of TypeID, version 0.3.
  test.each([
    ['00000000000000000000000000', '00000000-0000-0000-0000-000000000000'],
    ['00000000000000000000000001', '00000000-0000-0000-0000-000000000001'],
    ['0000000000000000000000000a', '00000000-0000-0000-0000-00000000000a'],
    ['0000000000000000000000000g', '00000000-0000-0000-0000-000000000010'],
    ['00000000000000000000000010', '00000000-0000-0000-0000-000000000020'],
    ['7zzzzzzzzzzzzzzzzzzzzzzzzz', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
    ['0123456789abcdefghjkmnpqrs', '0110c853-1d09-52d8-d73e-1194e95b5f19'],
    ['01h455vb4pex5vsknk084sn02q', '01890a5d-ac96-774b-bcce-b302099a8057'],
  ])('%s is the UUID %s', (suffix, uuid) => {
    const id = `tkn_${suffix}` as TokenId;
    expect(idToUuid(id)).toBe(uuid);
    expect(idFromUuid('tkn', uuid)).toBe(id);
  });

  test('comes back from its UUID', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(idToUuid(idFromUuid('key', uuid))).toBe(uuid);
      }),
    );
  });

  test('that is new holds a UUID of version 7', () => {
    const next = createIdSeries('tkn', source);
    for (const id of [newId('tkn', source), next(0), next(0), next(1)]) {
      expect(id).toMatch(idPattern('tkn'));
      expect(idToUuid(id)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  test.each([
    'tkn_',
    'tkn_01h455vb4pex5vsknk084sn02',
    'tkn_01h455vb4pex5vsknk084sn02l',
    'tkn_zzh455vb4pex5vsknk084sn02q',
    '',
  ])('%j is none', (text) => {
    expect(() => idToUuid(text as Id<'tkn'>)).toThrow('not an id');
  });
});
