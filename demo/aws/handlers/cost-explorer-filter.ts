/** Cost Explorer: which rows of the bill a caller sees, and which of them a filter lets through. */
import type { DimensionValues, Expression, TagValues } from '@aws-sdk/client-cost-explorer';
import type { CostRow } from '../state.ts';
import { AwsFault, type HandlerContext } from './types.ts';

export type RowTest = (row: CostRow) => boolean;
/** Reads one value of a row: what a group or a filter looks at. */
export type RowValue = (row: CostRow) => string;

const MOST_VALUES = 100;

const DIMENSIONS: { readonly [key: string]: RowValue } = {
  LINKED_ACCOUNT: (row) => row.account,
  REGION: (row) => row.region,
  SERVICE: (row) => row.service,
  USAGE_TYPE: (row) => row.usageType,
};

export function invalid(message: string): AwsFault {
  return new AwsFault('ValidationException', message);
}

/** Reads a dimension. Throws `ValidationException` for one that the simulated bill does not have. */
export function dimensionValue(key: string | undefined): RowValue {
  const value = DIMENSIONS[key ?? ''];
  if (value === undefined) throw invalid(`The simulated AWS has no dimension ${key}.`);
  return value;
}

/** Reads a cost allocation tag: '' for untagged rows, and for all rows while the payer has not activated the key. */
export function tagValue(key: string | undefined, context: HandlerContext): RowValue {
  const isActive = context.world.costAllocationTags.some((tag) => tag.key === key && tag.active);
  return isActive && key !== undefined ? (row) => row.tags[key] ?? '' : () => '';
}

/** The payer sees every account's rows, the others only their own. */
export function visibleRows(context: HandlerContext): RowTest {
  const { id } = context.account;
  return id === context.world.payer ? () => true : (row) => row.account === id;
}

/** Compiles a filter. Throws `ValidationException` for one that Cost Explorer would not take. */
export function rowTest(expression: Expression | undefined, context: HandlerContext): RowTest {
  if (expression === undefined) return () => true;
  const { And, Or, Not, Dimensions, Tags, CostCategories } = expression;
  if ([And, Or, Not, Dimensions, Tags, CostCategories].filter((one) => one !== undefined).length !== 1) {
    throw invalid('An expression takes exactly one of Or, And, Not, Dimensions, Tags, CostCategories.');
  }
  if (And !== undefined) {
    const parts = partsOf(And, context);
    return (row) => parts.every((part) => part(row));
  }
  if (Or !== undefined) {
    const parts = partsOf(Or, context);
    return (row) => parts.some((part) => part(row));
  }
  if (Not !== undefined) {
    const part = rowTest(Not, context);
    return (row) => !part(row);
  }
  if (Dimensions !== undefined) return valuesTest(Dimensions, dimensionValue(Dimensions.Key));
  if (Tags !== undefined) return valuesTest(Tags, tagValue(Tags.Key, context));
  throw invalid('The simulated bill has no cost categories.');
}

function partsOf(expressions: readonly Expression[], context: HandlerContext): readonly RowTest[] {
  if (expressions.length < 2) throw invalid('And and Or take at least two expressions.');
  return expressions.map((one) => rowTest(one, context));
}

function valuesTest({ Values, MatchOptions }: DimensionValues | TagValues, value: RowValue): RowTest {
  const options = new Set(MatchOptions ?? []);
  if (options.has('ABSENT')) {
    if (Values !== undefined && Values.length > 0) throw invalid('ABSENT takes no values.');
    return (row) => value(row) === '';
  }
  const known = ['EQUALS', 'CASE_SENSITIVE'];
  const stranger = [...options].find((option) => !known.includes(option));
  if (stranger !== undefined) throw invalid(`The match option ${stranger} is not supported here.`);
  if (Values === undefined || Values.length === 0) throw invalid('A filter needs at least one value.');
  if (Values.length > MOST_VALUES) throw invalid(`A filter takes ${MOST_VALUES} values at most.`);
  const wanted = new Set(Values);
  return (row) => wanted.has(value(row));
}
