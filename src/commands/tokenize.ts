/**
 * Slack text -> words, as a shell would split them. Text in double, single or curly quotes stays together; a dash
 * that a phone made of `--` is turned back; `&amp;` `&lt;` `&gt;` are decoded after splitting, so that text a person
 * typed can never become markup. Mentions such as `<@U1|bob>` stay plain words. Never throws.
 */
export function tokenize(text: string): readonly string[] {
  const words: string[] = [];
  const source = text.replace(/[\u00a0\u2000-\u200b\u202f\u3000]/g, ' ');
  let at = 0;
  while (at < source.length) {
    if (/\s/.test(source.charAt(at))) {
      at += 1;
      continue;
    }
    const word = readWord(source, at);
    words.push(decode(word.text));
    at = word.end;
  }
  return words;
}

const CLOSING: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '\u201c': '\u201d',
  '\u201d': '\u201d',
  '\u2018': '\u2019',
};

function readWord(source: string, start: number): { readonly text: string; readonly end: number } {
  let text = '';
  let at = start;
  let isQuoted = false;
  while (at < source.length && !/\s/.test(source.charAt(at))) {
    const character = source.charAt(at);
    // A quote opens only where a word or a flag's value begins: the apostrophe of "don't" is a letter.
    const mayOpen = text === '' || text.endsWith('=');
    const end = mayOpen ? closingQuote(source, at, character) : -1;
    if (end > at) {
      text += source.slice(at + 1, end);
      isQuoted = true;
      at = end + 1;
    } else {
      text += character;
      at += 1;
    }
  }
  return { text: isQuoted ? text : plainDashes(text), end: at };
}

/** Where the quote that opens at `at` closes, or -1: an unfinished quote is an ordinary character. */
function closingQuote(source: string, at: number, character: string): number {
  const closing = CLOSING[character];
  if (closing === undefined) return -1;
  const end = source.indexOf(closing, at + 1);
  // Keyboards mix curly and straight quotes.
  return end === -1 && closing === '\u201d' ? source.indexOf('"', at + 1) : end;
}

/** A long dash before a letter was `--`, between digits it was `-`. */
function plainDashes(word: string): string {
  return word
    .replace(/^[\u2010-\u2015\u2212]+(?=[a-zA-Z])/, '--')
    .replace(/^-[\u2010-\u2015\u2212](?=[a-zA-Z])/, '--')
    .replace(/[\u2010-\u2015\u2212]/g, '-');
}

function decode(word: string): string {
  return word.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}
