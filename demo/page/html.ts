/** Text that is HTML already. Only `html` and `raw` make it, so a plain string can never reach the page unescaped. */
export type Html = { readonly html: string };

const ENTITY: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Plain text -> HTML text, safe in content and in quoted attributes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITY[char] ?? char);
}

type Hole = string | number | Html | null | readonly Html[];

/** Template tag: strings are escaped, `Html` and lists of it go in as they are, null is nothing. */
export function html(parts: TemplateStringsArray, ...holes: readonly Hole[]): Html {
  return { html: parts.reduce((text, part, i) => text + fill(holes[i - 1] ?? null) + part) };
}

/** Trusted markup, made by a renderer that escapes. */
export function raw(markup: string): Html {
  return { html: markup };
}

function fill(hole: Hole): string {
  if (hole === null) return '';
  if (typeof hole === 'string') return escapeHtml(hole);
  if (typeof hole === 'number') return String(hole);
  return 'html' in hole ? hole.html : hole.map((one) => one.html).join('');
}
