/** What a killed process throws from every line that it never reached. */
export class Killed extends Error {}

/** Kills at the moment of that number, and at every later one: a dead process does nothing more. */
export class Killer {
  readonly moments: string[] = [];
  readonly #at: number;

  constructor(at: number) {
    this.#at = at;
  }

  readonly moment = (name: string): void => {
    this.moments.push(name);
    if (this.moments.length > this.#at) throw new Killed(name);
  };

  get struck(): boolean {
    return this.moments.length > this.#at;
  }
}

/** `target` with a moment before and after each of its asynchronous methods. */
export function watched<T extends object>(target: T, moment: (name: string) => void): T {
  return new Proxy(target, {
    get(inner, key, receiver) {
      const member: unknown = Reflect.get(inner, key, receiver);
      if (typeof member !== 'function') return member;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        moment(`before ${String(key)}`);
        const result: unknown = await Reflect.apply(member, inner, args);
        moment(`after ${String(key)}`);
        return result;
      };
    },
  });
}
