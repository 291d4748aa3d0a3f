/** Numbers written as words -> digits, so that the patterns of `words.ts` meet digits only. */

const SMALL =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS: Readonly<Record<string, number>> = {
  twenty: 20,
  thirty: 30,
  forty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
};
const SCALES: Readonly<Record<string, number>> = { dozen: 12, hundred: 100, thousand: 1_000, million: 1_000_000 };

/**
 * "twelve" -> `12`, "twenty-five" -> `25`, "a hundred and fifty" -> `150`, "2 thousand" -> `2000`, "half a vcpu" ->
 * `0.5 vcpu`, ".5" -> `0.5`. Expects lower case; everything else stays as it is, with single spaces.
 */
export function digitsForWords(text: string): string {
  const words = text
    .replace(/(?<![\w.,])\.(?=\d)/g, '0.')
    .replace(/\b(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-(?=[a-z])/g, '$1 ')
    .replace(/\bhalf an? /g, '0.5 ')
    .replace(/\b(?:an? )?quarter (?:of )?(?:an? )?(?=v?cpu|core|vcore|gb|gib)/g, '0.25 ')
    .replace(/\b(?:an? )?half (?=v?cpu|core|gb|gib|hour|minute)/g, '0.5 ')
    .split(/\s+/);
  const out: string[] = [];
  let at = 0;
  while (at < words.length) {
    const phrase = readNumber(words, at);
    if (phrase === null) {
      out.push(words[at] ?? '');
      at += 1;
    } else {
      out.push(`${phrase.value}${phrase.tail}`);
      at = phrase.end;
    }
  }
  return out.join(' ');
}

type Phrase = { readonly value: number; readonly tail: string; readonly end: number };
type Step = { readonly kind: 'small' | 'tens' | 'scale' | 'digits'; readonly value: number };

/** The longest number phrase that begins at `start`, or null where none does. */
function readNumber(words: readonly string[], start: number): Phrase | null {
  const isArticle = words[start] === 'a' && step(words[start + 1])?.kind === 'scale';
  let at = isArticle ? start + 1 : start;
  let [total, current, last]: [number, number | null, Step['kind'] | null] = [0, null, null];
  let phrase: Phrase | null = null;
  while (at < words.length) {
    const isAnd = words[at] === 'and' && last === 'scale' && continues(last, step(words[at + 1]));
    const next = step(words[isAnd ? at + 1 : at]);
    if (next === null || !continues(last, next)) break;
    at += isAnd ? 2 : 1;
    if (next.kind === 'scale') current = (current ?? 1) * next.value;
    else current = (current ?? 0) + next.value;
    if (next.kind === 'scale' && next.value >= 1_000) [total, current] = [total + current, null];
    last = next.kind;
    const tail = /[.,!?;:]*$/.exec(words[at - 1] ?? '')?.[0] ?? '';
    phrase = { value: total + (current ?? 0), tail, end: at };
    if (tail !== '') break;
  }
  // Plain digits alone are left as they were typed, `20,000` and `40s` among them.
  return phrase !== null && phrase.end === start + 1 && last === 'digits' ? null : phrase;
}

/** May `next` go on with a number whose last word was `last`? */
function continues(last: Step['kind'] | null, next: Step | null): boolean {
  if (next === null) return false;
  if (last === null) return true;
  if (next.kind === 'scale') return last !== 'scale' || next.value >= 1_000;
  if (next.kind === 'digits') return false;
  if (last === 'scale') return true;
  return last === 'tens' && next.kind === 'small' && next.value < 10 && next.value > 0;
}

function step(word: string | undefined): Step | null {
  const bare = word?.replace(/[.,!?;:]+$/, '') ?? '';
  const small = SMALL.indexOf(bare);
  if (small >= 0) return { kind: 'small', value: small };
  if (Object.hasOwn(TENS, bare)) return { kind: 'tens', value: TENS[bare] ?? 0 };
  if (Object.hasOwn(SCALES, bare)) return { kind: 'scale', value: SCALES[bare] ?? 1 };
  return /^\d+(?:\.\d+)?$/.test(bare) ? { kind: 'digits', value: Number(bare) } : null;
}
