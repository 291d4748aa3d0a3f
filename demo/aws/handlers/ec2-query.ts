/** What every EC2 Describe call has in common: ids, filters, hidden resources, page sizes and dry runs. */
import type { Filter, OperatorResponse, Tag } from '@aws-sdk/client-ec2';
import { pageOf } from './paging.ts';
import { scopeOf } from './requests.ts';
import {
  AwsFault,
  type Handler,
  type HandlerContext,
  type Operation,
  type OperationSchema,
  operation,
} from './types.ts';

type DryRunnable = { readonly DryRun?: boolean | undefined };

/** A row of the EC2 table. A dry run that would be allowed is refused with `DryRunOperation`, as AWS has it. */
export function ec2Operation<Input extends DryRunnable, Output>(
  schema: OperationSchema,
  handler: Handler<Input, Output>,
): Operation {
  return operation<Input, Output>(schema, (input, context) => {
    if (input.DryRun === true) throw dryRunSucceeded();
    return handler(input, context);
  });
}

/** How AWS answers a dry run of a call that it would carry out. */
export function dryRunSucceeded(): AwsFault {
  const message = 'Request would have succeeded, but DryRun flag is set.';
  return new AwsFault('DryRunOperation', message, { status: 412 });
}

/** The values of one filter for one resource; a resource matches when any of them does. */
type FieldValue = string | number | boolean | Date | undefined;
export type FilterFields<T> = {
  readonly [filter: string]: (item: T) => FieldValue | readonly FieldValue[];
};

export type Resource = {
  readonly Tags?: Tag[] | undefined;
  readonly Operator?: OperatorResponse | undefined;
};

/** Filters that every tagged, possibly managed resource takes. */
const COMMON: FilterFields<Resource> = {
  'operator.managed': ({ Operator }) => Operator?.Managed ?? false,
  'operator.principal': ({ Operator }) => Operator?.Principal,
  'tag-key': ({ Tags }) => (Tags ?? []).map(({ Key }) => Key),
  'tag-value': ({ Tags }) => (Tags ?? []).map(({ Value }) => Value),
};

/**
 * The items that every filter lets pass: any of its values may match, `*` and `?` are wildcards. Throws for a filter
 * that the simulated AWS does not have, so that nobody mistakes an unfiltered list for a filtered one.
 */
export function filtered<T extends object>(
  items: readonly T[],
  filters: readonly Filter[] | undefined,
  fields: FilterFields<T>,
): readonly T[] {
  const tests = (filters ?? []).map((filter) => testOf(filter, fields));
  return tests.length === 0 ? items : items.filter((item) => tests.every((passes) => passes(item)));
}

function testOf<T extends object>({ Name = '', Values = [] }: Filter, fields: FilterFields<T>): (item: T) => boolean {
  if (Values.length === 0) throw invalidValue(`The filter '${Name}' has no values.`);
  if (Values.length > 200) throw new AwsFault('FilterLimitExceeded', `The filter '${Name}' has more than 200 values.`);
  const patterns = Values.map(patternOf);
  const read = Name.startsWith('tag:') ? tagReader(Name.slice(4)) : (fields[Name] ?? COMMON[Name]);
  if (read === undefined) throw new Error(`the simulated EC2 has no filter '${Name}' for this call`);
  return (item) =>
    [read(item)].flat().some((value) => {
      if (value === undefined) return false;
      const text = value instanceof Date ? value.toISOString() : String(value);
      return patterns.some((pattern) => pattern.test(text));
    });
}

function tagReader(key: string): (item: Resource) => FieldValue | readonly FieldValue[] {
  return ({ Tags }) => (Tags ?? []).filter(({ Key }) => Key === key).map(({ Value }) => Value ?? '');
}

/** A filter value as a pattern: `*` is any text, `?` any character, and a backslash takes the next one literally. */
function patternOf(value: string): RegExp {
  const source = value.replace(/\\(.)|[\s\S]/g, (character, escaped: string | undefined) => {
    if (escaped !== undefined) return literal(escaped);
    if (character === '*') return '[\\s\\S]*';
    return character === '?' ? '[\\s\\S]' : literal(character);
  });
  return new RegExp(`^${source}$`);
}

function literal(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}

export type Visibility = { readonly ids: readonly string[] | undefined; readonly includeManaged: boolean | undefined };

/**
 * Leaves out resources that a service such as ECS manages, in regions where they are hidden: unless the request
 * includes them, or names ids.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/amazon-ec2-managed-instances.html
 */
export function visible<T extends Resource>(
  items: readonly T[],
  { region }: HandlerContext,
  { ids, includeManaged }: Visibility,
): readonly T[] {
  if (region.ec2.managedResourceVisibility === 'visible' || includeManaged === true || isGiven(ids)) return items;
  return items.filter(({ Operator }) => !(Operator?.Managed === true && Operator.HiddenByDefault !== false));
}

export type ById<T> = {
  readonly ids: readonly string[] | undefined;
  readonly idOf: (item: T) => string | undefined;
  /** `InvalidInstanceID`: AWS adds `.NotFound`. */
  readonly code: string;
  /** What AWS calls it: `instance ID`. */
  readonly noun: string;
};

/** The items with these ids, or all when none are given. Throws when one is not there. */
export function byId<T>(items: readonly T[], { ids, idOf, code, noun }: ById<T>): readonly T[] {
  if (!isGiven(ids)) return items;
  const wanted = new Set(ids);
  const found = items.filter((item) => wanted.has(idOf(item) ?? ''));
  const there = new Set(found.map(idOf));
  const lacking = [...wanted].filter((id) => !there.has(id));
  if (lacking.length === 0) return found;
  const [first = ''] = lacking;
  const which = lacking.length === 1 ? `${noun} '${first}' does` : `${noun}s '${lacking.join(', ')}' do`;
  throw new AwsFault(`${code}.NotFound`, `The ${which} not exist`);
}

type PageInput = { readonly MaxResults?: number | undefined; readonly NextToken?: string | undefined };

export type PageRules<T> = {
  readonly operation: string;
  readonly context: HandlerContext;
  readonly key: (item: T) => string;
  readonly least: number;
  readonly most: number;
  /** Items a page when the request does not say; all of them when absent. */
  readonly standard?: number;
  /** The ids of the request, where AWS refuses them together with `MaxResults`. */
  readonly ids?: readonly string[] | undefined;
};

/** One page. Throws for a page size out of bounds, for ids together with a page size, and for a foreign token. */
export function ec2Page<T>(
  items: readonly T[],
  input: PageInput,
  rules: PageRules<T>,
): { readonly items: T[]; readonly nextToken: string | undefined } {
  const { MaxResults: asked, NextToken: token } = input;
  if (asked !== undefined && isGiven(rules.ids)) {
    throw new AwsFault('InvalidParameterCombination', 'Ids cannot be used together with the parameter maxResults');
  }
  if (asked !== undefined && (!Number.isInteger(asked) || asked < rules.least || asked > rules.most)) {
    const bounds = `between ${rules.least} and ${rules.most}`;
    throw invalidValue(`Value ( ${asked} ) for parameter maxResults is invalid. Expecting a value ${bounds}.`);
  }
  const page = pageOf(items, {
    size: asked ?? rules.standard ?? Math.max(1, items.length),
    token,
    scope: scopeOf(rules.operation, input, rules.context),
    key: rules.key,
    invalidCode: 'InvalidNextToken',
  });
  return { items: [...page.items], nextToken: page.nextToken };
}

export function invalidValue(message: string): AwsFault {
  return new AwsFault('InvalidParameterValue', message);
}

function isGiven(ids: readonly string[] | undefined): ids is readonly string[] {
  return ids !== undefined && ids.length > 0;
}
