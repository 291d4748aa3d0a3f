import type { FactBook, FactId } from './facts.ts';
import { invariant, type Rational, rational } from './units.ts';

/** The value of a fact that is a decimal string, exactly. */
export function decimalFact(facts: FactBook, id: FactId): Rational {
  const { value } = facts.get(id);
  invariant(typeof value === 'string', `fact ${id} is no decimal string`);
  return rational(value);
}

/** The value of a fact that is a number (seconds, GiB, units). */
export function numberFact(facts: FactBook, id: FactId): number {
  const { value } = facts.get(id);
  invariant(typeof value === 'number', `fact ${id} is no number`);
  return value;
}

/** One member of a fact whose value is an object of numbers or decimal strings. */
export function memberFact(facts: FactBook, id: FactId, member: string): number | string {
  const { value } = facts.get(id);
  invariant(typeof value === 'object' && value !== null && !Array.isArray(value), `fact ${id} is no object`);
  const found = (value as { readonly [key: string]: unknown })[member];
  invariant(typeof found === 'number' || typeof found === 'string', `fact ${id} has no ${member}`);
  return found;
}

/** A fact that is a list of strings. */
export function listFact(facts: FactBook, id: FactId): readonly string[] {
  const { value } = facts.get(id);
  invariant(
    Array.isArray(value) && value.every((item) => typeof item === 'string'),
    `fact ${id} is no list of strings`,
  );
  return value as readonly string[];
}
