/**
 * Plain text -> text that Slack shows as it is. Names come from people and from AWS: none of them may become markup,
 * a mention or a picture. A character that would open a format is replaced by one that looks the same; inside code
 * everything but the backtick stays as it is, so that commands can be copied.
 */

const ZERO_WIDTH = '\u200b';

/** Without control characters and marks that turn the direction of text; line breaks and tabs stay. */
export function clean(text: string): string {
  // A range would do, but a character class of control characters reads as a mistake to linters and to people.
  return [...text.replace(/\r\n?/g, '\n')].filter((character) => isShown(character)).join('');
}

function isShown(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\n' || character === '\t') return true;
  const isControl = code < 0x20 || (code >= 0x7f && code <= 0x9f);
  const isDirection =
    code === 0x200e || code === 0x200f || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  const isLoneSurrogate = code >= 0xd800 && code <= 0xdfff;
  return !isControl && !isDirection && !isLoneSurrogate;
}

function entities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function withoutCalls(text: string): string {
  return text.replace(/@(?=(here|channel|everyone)\b)/gi, `@${ZERO_WIDTH}`);
}

/** For mrkdwn text. */
export function escapeMrkdwn(text: string): string {
  const literal = withoutCalls(clean(text))
    .replaceAll('`', '\u02cb')
    .replace(/(^|[^\p{L}\p{N}])\*(?=\S)/gu, '$1\u2217')
    .replace(/(^|[^\p{L}\p{N}])_(?=\S)/gu, '$1\u02cd')
    .replace(/(^|[^\p{L}\p{N}])~(?=\S)/gu, '$1\u223c')
    .replace(/:(?=[\w+'-]*[a-z][\w+'-]*:)/gi, `:${ZERO_WIDTH}`)
    .replace(/^>/gm, `${ZERO_WIDTH}>`);
  return entities(literal);
}

/** For text between backticks. */
export function escapeCode(text: string): string {
  return entities(withoutCalls(clean(text)).replaceAll('`', '\u02cb'));
}

/** For plain_text and raw_text, where Slack reads no markup: only what looks like a mention is broken. */
export function escapePlain(text: string): string {
  return withoutCalls(clean(text)).replace(/<(?=[!@#])/g, `<${ZERO_WIDTH}`);
}

/** The longest beginning of `text` whose Slack form has at most `max` characters; a cut ends in `…`. */
export function shorten(text: string, max: number, toSlack: (text: string) => string): string {
  const whole = toSlack(text);
  if (whole.length <= max) return whole;
  const characters = [...text];
  let low = 0;
  let high = Math.min(characters.length, max);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (toSlack(characters.slice(0, middle).join('')).length <= max - 1) low = middle;
    else high = middle - 1;
  }
  return `${toSlack(characters.slice(0, low).join(''))}…`;
}
