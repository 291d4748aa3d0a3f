/**
 * Sets the clock of the process that loads it, as setting the machine's clock would: by the milliseconds in the file
 * that DEMO_CLOCK_FILE names. Loaded with node's own `--import`, so that neither the bot nor its threads know of it.
 * Timers go on by real time. Plain JavaScript, because threads have no loader for anything else.
 */
import { readFileSync } from 'node:fs';

/** How long an offset is believed before the file is read again. */
const BELIEVED_MS = 20;

const file = process.env.DEMO_CLOCK_FILE ?? '';
if (file !== '') install(file);

function install(path) {
  const Real = Date;
  let offset = 0;
  let readAt = Number.NEGATIVE_INFINITY;
  const now = () => {
    const at = performance.now();
    if (at - readAt > BELIEVED_MS) {
      offset = Number(readFileSync(path, 'utf8'));
      readAt = at;
    }
    return realNow() + offset;
  };
  const realNow = Real.now.bind(Real);
  const Moved = new Proxy(Real, {
    construct: (target, args, made) => Reflect.construct(target, args.length === 0 ? [now()] : args, made),
    apply: () => new Real(now()).toString(),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
  Real.prototype.constructor = Moved;
  globalThis.Date = Moved;
}
