/** The cluster query language, as far as it speaks of container instances. */
import type { ContainerInstance } from '@aws-sdk/client-ecs';
import { invalidParameter } from './ecs-lookup.ts';

type Query = (instance: ContainerInstance) => boolean;
/** What is left to read; the readers below take tokens off its front. */
type Tokens = string[];

const TOKEN = /\s*(\[[^\]]*\]|!exists\b|!in\b|[=!]=|[<>]=|[=!]~|&&|\|\||[()<>!]|[^\s()[\]<>=!~&|]+)/y;

/** Words and signs that mean the same. */
const OPERATORS: { readonly [written: string]: string } = {
  '==': 'equals',
  '!=': 'not_equals',
  '>': 'greater_than',
  '>=': 'greater_than_equal',
  '<': 'less_than',
  '<=': 'less_than_equal',
  '=~': 'matches',
  '!~': 'not_matches',
  '!in': 'not_in',
  '!exists': 'not_exists',
};

/** Reads a filter; an empty one lets every instance through. Throws `InvalidParameterException` for what is not one. */
export function instanceQuery(filter: string): Query {
  if (filter.trim() === '') return () => true;
  const tokens = tokenize(filter);
  const query = readOr(tokens);
  if (tokens.length > 0) throw invalid(tokens[0]);
  return query;
}

function invalid(near: string | undefined): Error {
  return invalidParameter(`The filter is not valid${near === undefined ? ': it ends too early' : ` near "${near}"`}.`);
}

function tokenize(filter: string): Tokens {
  const tokens: Tokens = [];
  const text = filter.trim();
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length; ) {
    const from = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) throw invalid(text.slice(from));
    tokens.push(token);
  }
  return tokens;
}

function readOr(tokens: Tokens): Query {
  const sides = [readAnd(tokens)];
  while (tokens[0] === 'or' || tokens[0] === '||') {
    tokens.shift();
    sides.push(readAnd(tokens));
  }
  return (instance) => sides.some((side) => side(instance));
}

function readAnd(tokens: Tokens): Query {
  const sides = [readOne(tokens)];
  while (tokens[0] === 'and' || tokens[0] === '&&') {
    tokens.shift();
    sides.push(readOne(tokens));
  }
  return (instance) => sides.every((side) => side(instance));
}

function readOne(tokens: Tokens): Query {
  const first = tokens.shift();
  if (first === 'not' || first === '!') {
    const inner = readOne(tokens);
    return (instance) => !inner(instance);
  }
  if (first === '(') {
    const inner = readOr(tokens);
    if (tokens.shift() !== ')') throw invalid(undefined);
    return inner;
  }
  return comparison(first, tokens);
}

function comparison(argument: string | undefined, tokens: Tokens): Query {
  if (argument === undefined) throw invalid(undefined);
  const value = readerOf(argument);
  const written = tokens.shift() ?? '';
  const operator = OPERATORS[written] ?? written;
  if (operator === 'exists') return (instance) => value(instance) !== undefined;
  if (operator === 'not_exists') return (instance) => value(instance) === undefined;
  const operand = tokens.shift();
  if (operand === undefined) throw invalid(undefined);
  const holds = comparer(operator, operand);
  return (instance) => holds(value(instance));
}

function readerOf(argument: string): (instance: ContainerInstance) => string | undefined {
  if (argument.startsWith('attribute:')) {
    const name = argument.slice('attribute:'.length);
    return ({ attributes }) => attributes?.find((attribute) => attribute.name === name)?.value;
  }
  switch (argument) {
    case 'agentConnected':
      return ({ agentConnected }) => String(agentConnected ?? false);
    case 'agentVersion':
      return ({ versionInfo }) => versionInfo?.agentVersion;
    case 'ec2InstanceId':
      return ({ ec2InstanceId }) => ec2InstanceId;
    case 'registeredAt':
      return ({ registeredAt }) => registeredAt?.toISOString();
    case 'runningTasksCount':
      return ({ runningTasksCount }) => String(runningTasksCount ?? 0);
    default:
      throw invalid(argument);
  }
}

function comparer(operator: string, operand: string): (value: string | undefined) => boolean {
  const list = operand.replace(/^\[|\]$/g, '').split(/\s*,\s*/);
  switch (operator) {
    case 'equals':
      return (value) => value === operand;
    case 'not_equals':
      return (value) => value !== operand;
    case 'in':
      return (value) => value !== undefined && list.includes(value);
    case 'not_in':
      return (value) => value === undefined || !list.includes(value);
    case 'matches':
      return matcher(operand);
    case 'not_matches': {
      const matches = matcher(operand);
      return (value) => !matches(value);
    }
    case 'greater_than':
      return (value) => value !== undefined && order(value, operand) > 0;
    case 'greater_than_equal':
      return (value) => value !== undefined && order(value, operand) >= 0;
    case 'less_than':
      return (value) => value !== undefined && order(value, operand) < 0;
    case 'less_than_equal':
      return (value) => value !== undefined && order(value, operand) <= 0;
    default:
      throw invalid(operator);
  }
}

/** A pattern matches the whole value; `*` stands for anything, as in `t3.*`. */
function matcher(pattern: string): (value: string | undefined) => boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  const expression = new RegExp(`^${source}$`);
  return (value) => value !== undefined && expression.test(value);
}

/** Numbers as numbers, anything else (times) as text. */
function order(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  if (!Number.isNaN(difference)) return difference;
  return a < b ? -1 : a > b ? 1 : 0;
}
