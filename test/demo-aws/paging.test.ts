import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pageOf } from '../../demo/aws/handlers/paging.ts';

const RULES = { scope: 'list', key: (item: string) => item, invalidCode: 'InvalidToken' };

describe('pages of a list', () => {
  it('cover what was there all the time exactly once, whatever vanishes in between', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: 0, max: 59 }), { maxLength: 20 }),
        (length, size, vanishing) => {
          let items = Array.from({ length }, (_, index) => `item ${index}`);
          const stay = new Set(items);
          const seen: string[] = [];
          let token: string | undefined;
          let lastSeen: string | undefined;
          do {
            const page = pageOf(items, { ...RULES, size, token });
            seen.push(...page.items);
            lastSeen = seen.at(-1);
            token = page.nextToken;
            const gone = `item ${vanishing.pop() ?? -1}`;
            // The item that the token stands on is another matter: AWS promises nothing then.
            if (gone !== lastSeen && stay.delete(gone)) items = items.filter((item) => item !== gone);
          } while (token !== undefined);
          expect(seen).toEqual([...new Set(seen)]);
          expect(seen.filter((item) => stay.has(item))).toEqual([...stay]);
        },
      ),
    );
  });

  it('take no token of another list, and no text of ours that is no token', () => {
    const { nextToken } = pageOf(['a', 'b'], { ...RULES, size: 1, token: undefined });
    expect(pageOf(['a', 'b'], { ...RULES, size: 1, token: nextToken }).items).toEqual(['b']);
    for (const token of ['x', Buffer.from('[1').toString('base64url'), Buffer.from('[]').toString('base64url')]) {
      expect(() => pageOf(['a', 'b'], { ...RULES, size: 1, token })).toThrow('not valid');
    }
    expect(() => pageOf(['a', 'b'], { ...RULES, scope: 'other', size: 1, token: nextToken })).toThrow('not valid');
  });
});
