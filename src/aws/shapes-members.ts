import type { Tags } from '../engine/index.ts';

/**
 * Members that many AWS answers share. Every conversion of `shapes-*.ts` is total: the SDK types every member as
 * possibly absent, a broken clock gives an invalid Date, and a value that AWS added last week is plain text here.
 */

/** ISO 8601 UTC with milliseconds; null when absent or not a date. */
export function toTime(date: Date | undefined): string | null {
  return date === undefined || Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/**
 * A time that AWS gives as text, in the form of `toTime`; null when it is no date. Without a time zone it would mean
 * another instant on every machine, so it means nothing.
 */
export function toTimeOfText(text: string | undefined): string | null {
  const isZoned = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text ?? '');
  return isZoned ? toTime(new Date(text ?? '')) : null;
}

/** The number, or null when AWS did not give a finite one. JSON has no -0, so neither has the model. */
export function toNumber(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value + 0;
}

/** The text, or null when it is absent or empty: AWS uses both for "none". */
export function toText(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : value;
}

/** What AWS calls a decimal: digits, perhaps a fraction. Anything else is null, for prices are exact or unknown. */
export function toDecimal(value: string | undefined): string | null {
  return value !== undefined && /^\d+(\.\d+)?$/.test(value) ? value : null;
}

/** Tags as a map with sorted keys, so that equal tags give equal bytes. A tag without a value is ''. */
export function toTags(
  tags:
    | readonly {
        readonly key?: string | undefined;
        readonly value?: string | undefined;
        readonly Key?: string | undefined;
        readonly Value?: string | undefined;
      }[]
    | undefined,
): Tags {
  const pairs = (tags ?? []).flatMap((tag): readonly (readonly [string, string])[] => {
    const key = tag.key ?? tag.Key;
    return key === undefined ? [] : [[key, tag.value ?? tag.Value ?? '']];
  });
  return Object.fromEntries(sortedBy(pairs, ([key]) => key));
}

/** A copy in the order of the keys' code units: the same on every machine, whatever order AWS answered in. */
export function sortedBy<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  return items
    .map((item) => ({ item, key: key(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item);
}

/** Sorted texts; an absent list is empty. */
export function sortedTexts(texts: readonly string[] | undefined): readonly string[] {
  return sortedBy(texts ?? [], (text) => text);
}

/** Name of an ECS thing: what follows the last `/` of its ARN. */
export function lastOfArn(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** `…task-definition/web:7` -> `{ family: 'web', revision: 7 }`; null when the text is not of that form. */
export function familyOf(arn: string): { readonly family: string; readonly revision: number } | null {
  const match = /(?:^|\/)([^/:]+):(\d+)$/.exec(arn);
  return match?.[1] === undefined ? null : { family: match[1], revision: Number(match[2]) };
}
