import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearest, tokenize } from '../../src/commands/flags.ts';

test.each<[string, readonly string[]]>([
  ['capacity --vcpu 1  --memory=2', ['capacity', '--vcpu', '1', '--memory=2']],
  ['--types "m7i.*, c7i.*"', ['--types', 'm7i.*, c7i.*']],
  ["--types='m7i.*'", ['--types=m7i.*']],
  ['\u2014memory \u201c2 GiB\u201d', ['--memory', '2 GiB']],
  ['--between 01:00\u201304:00', ['--between', '01:00-04:00']],
  ["don't use spot", ["don't", 'use', 'spot']],
  ['an "unfinished quote', ['an', '"unfinished', 'quote']],
  ['a &lt;!channel&gt; &amp;amp; b', ['a', '<!channel>', '&amp;', 'b']],
  ['<@U1|bob> <!here>', ['<@U1|bob>', '<!here>']],
  ['one\u00a0two\nthree', ['one', 'two', 'three']],
  ['', []],
])('%j is split as a shell would', (text, words) => {
  expect(tokenize(text)).toEqual(words);
});

test('plain words come back as they went in', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z0-9=.:,-]{1,12}$/)), (words) => {
      expect(tokenize(words.join(' '))).toEqual(words);
    }),
  );
});

test.each<[string, string | null]>([
  ['memry', 'memory'],
  ['mmeory', 'memory'],
  ['dec', 'decisions'],
  ['xyzzy', null],
  ['', null],
])('%j is nearest to %j', (word, candidate) => {
  expect(nearest(word, ['memory', 'decisions', 'vcpu'])).toBe(candidate);
});
