import { numberFact } from '../fact-values.ts';
import type { FactBook } from '../facts.ts';
import type { PriceBook } from '../prices.ts';
import { type BatchLoad, batchLoad } from './batch.ts';
import { type Catalogue, catalogue } from './catalogue.ts';
import type { CapacityKind, CapacityQuestion } from './types.ts';

/** Everything the options of one question share; built once per answer. */
export type Context = {
  readonly question: CapacityQuestion;
  readonly prices: PriceBook;
  /** Facts valid on the day the question is asked for; remembers which were used. */
  readonly facts: FactBook;
  readonly catalogue: Catalogue;
  /** Null when the tasks run all month. */
  readonly load: BatchLoad | null;
};

export type InstanceKind = Exclude<CapacityKind, 'fargate' | 'fargate-spot'>;

export const isFargate = (kind: CapacityKind): kind is 'fargate' | 'fargate-spot' =>
  kind === 'fargate' || kind === 'fargate-spot';
export const isManaged = (kind: CapacityKind): boolean => kind.startsWith('mi-');
export const isSpot = (kind: CapacityKind): boolean => kind.endsWith('-spot');

/** Gathers what all seven options need. */
export function context(question: CapacityQuestion, prices: PriceBook, facts: FactBook): Context {
  return { question, prices, facts, catalogue: catalogue(question, prices, facts), load: loadOf(question, facts) };
}

/** The batch on instances: a task holds its slot for its run plus a warm start; the image is pulled once per instance. */
export function loadOf(question: CapacityQuestion, facts: FactBook): BatchLoad | null {
  const { batch } = question;
  if (batch === null) return null;
  facts.get('instance.image-pull-once');
  const slotSeconds = batch.runSeconds + numberFact(facts, 'instance.warm-start-seconds');
  return batchLoad(batch, { slotSeconds, bootSeconds: numberFact(facts, 'instance.boot-seconds') });
}
