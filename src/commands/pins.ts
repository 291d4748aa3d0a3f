/** Inputs of answers, kept under their hash so that a replay finds what an answer was made from. */
import type { Store } from '../deps.ts';
import { canonicalJson, type Fact, type Json, type PriceBook } from '../engine/index.ts';

/** Pins saved already, by store and by the object they were made of: a price book is half a megabyte of JSON. */
const saved = new WeakMap<Store, WeakMap<object, Promise<string>>>();

/** The hash under which `input` is kept. Facts and price books never change in a process, so one write is enough. */
export function pinOf(store: Store, input: readonly Fact[] | PriceBook): Promise<string> {
  const pins = saved.get(store) ?? new WeakMap<object, Promise<string>>();
  saved.set(store, pins);
  const known = pins.get(input);
  if (known !== undefined) return known;
  const pin = store.savePin(canonicalJson(input as unknown as Json));
  pins.set(input, pin);
  // One that failed must be tried again by the next question; whoever waits for this one gets the error.
  pin.catch(() => pins.delete(input));
  return pin;
}
