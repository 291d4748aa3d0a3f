// Tasks that do to their thread what a bug or a huge question would. Plain JavaScript, as threads have no loader.
import { appendFileSync } from 'node:fs';
import { workerData } from 'piscina';

if (workerData.diesAtBirth) throw new Error('never born');

/** Says what it was given, and writes it down. */
export function echo(task) {
  if (workerData.journal !== undefined) appendFileSync(workerData.journal, `${task}\n`);
  return task;
}

/** Answers when the flag goes up. */
export function untilRaised({ flag, answer }) {
  Atomics.wait(new Int32Array(flag), 0, 0);
  return answer;
}

export function die(how) {
  switch (how) {
    case 'throw':
      throw new Error('thrown in the task');
    case 'exit':
      return process.exit(3);
    case 'throw outside':
      setTimeout(() => {
        throw new Error('thrown outside of the task');
      });
      return new Promise(() => undefined);
    case 'many small things': {
      const kept = [];
      for (;;) kept.push({ text: `${kept.length}` });
    }
    case 'one growing list': {
      let list = [0];
      for (;;) list = [...list, ...list];
    }
    default:
      throw new Error(`no such death: ${how}`);
  }
}
