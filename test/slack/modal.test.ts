import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCapacity } from '../../src/commands/capacity-question.ts';
import { tokenize } from '../../src/commands/tokenize.ts';
import { checkView } from '../../src/slack/limits.ts';
import { capacityModal, EMPTY_FORM, formValues, modalArgs, modalErrors, readOrigin } from '../../src/slack/modal.ts';
import { PARSE_CONTEXT } from '../support/parse-context.ts';

const ORIGIN = { channel: 'C1', responseUrl: 'https://hooks.example.com/1' };

type Element = { readonly [key: string]: unknown };

/** The state Slack sends when the person changes nothing. */
function untouched(view: { readonly blocks: readonly unknown[] }): unknown {
  const entries = (view.blocks as { block_id: string; element: Element }[]).map(({ block_id, element }) => [
    block_id,
    {
      value: {
        type: element.type,
        value: element.initial_value ?? null,
        selected_option: element.initial_option ?? null,
        selected_options: element.initial_options ?? [],
      },
    },
  ]);
  return { values: Object.fromEntries(entries) };
}

const optional = (...lines: readonly string[]) => fc.constantFrom('', ...lines);
const question = fc
  .tuple(
    fc.constantFrom('--vcpu 1 --memory 2', '--vcpu 0.25 --memory 512MiB', '--vcpu 48 --memory 200'),
    fc.constantFrom(
      '--tasks 12',
      '--run 40s --per-day 20,000',
      '--run 2m --pull 25s --per-day 500 --between 22:00-02:00 --tz Europe/London --arrivals uniform',
    ),
    optional('--region eu-west-1'),
    optional('--needs ebpf,avx512', '--needs gpu:l4:2', '--needs gpu', '--needs ebpf,neuron:inferentia2', '--gpu 3'),
    optional('--cpu intel', '--cpu graviton', '--arch arm64'),
    optional('--interruptible'),
    optional('--storage 250', '--ami', '--isolation task --public-ip'),
    optional('--scale-in-after -1', '--scale-in-after 300 --min-instances 1', '--types m7i.*,c7i.2xlarge --burstable'),
    optional(
      '--reserved m7i.4xlarge=3 --reserved c7i.large=1',
      '--savings-plan-usd-per-hour 1.50 --savings-plan-term 3y',
    ),
    optional('--as-of 2025-12-04'),
  )
  .map((parts) => parts.filter((part) => part !== '').join(' '));

describe('the capacity form', () => {
  test('sent as it was opened asks the same question again', () => {
    fc.assert(
      fc.property(question, (line) => {
        const asked = parseCapacity(tokenize(line), PARSE_CONTEXT);
        // Some combinations are refused by the parser; they never become a saved answer.
        fc.pre(asked.ok);
        const view = capacityModal(formValues(asked.echo), ORIGIN, PARSE_CONTEXT);
        const again = parseCapacity(modalArgs(untouched(view)), PARSE_CONTEXT);

        expect(checkView({ ...view }, 'modal')).toEqual([]);
        expect(again).toMatchObject({ ok: true, question: { question: asked.question.question } });
      }),
    );
  });

  test('opens empty with a size and one task, which is a question already', () => {
    const view = capacityModal(EMPTY_FORM, ORIGIN, PARSE_CONTEXT);

    expect(checkView({ ...view }, 'modal')).toEqual([]);
    expect(modalErrors(modalArgs(untouched(view)), PARSE_CONTEXT)).toEqual({});
  });

  test('is valid even when a saved question is full of long and strange values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('vcpu', 'needs', 'gpu', 'region', 'zzz'), fc.string())),
        (pairs) => {
          const echo = pairs.map(([flag, value]) => `--${flag} ${value.repeat(40)}`).join(' ');
          expect(checkView({ ...capacityModal(formValues(echo), ORIGIN, PARSE_CONTEXT) }, 'modal')).toEqual([]);
        },
      ),
    );
  });

  test('takes each field as one value: a field cannot bring flags along', () => {
    const state = { values: { vcpu: { value: { type: 'plain_text_input', value: '1 --tasks 5000' } } } };

    expect(modalArgs(state)).toEqual(['--vcpu=1 --tasks 5000']);
    expect(Object.keys(modalErrors(modalArgs(state), PARSE_CONTEXT))).toEqual(['vcpu']);
  });

  test('never crashes on a state that is not ours', () => {
    fc.assert(
      fc.property(fc.anything(), (state) => {
        expect(Array.isArray(modalArgs(state))).toBe(true);
      }),
    );
  });

  test.each([
    ['--vcpu=x', 'vcpu'],
    ['--memory=2TB', 'memory'],
    ['--tasks=0', 'tasks'],
    ['--run=soon', 'run'],
    ['--between=4:00', 'between'],
    ['--region=mars-1', 'region'],
    ['--needs=wings', 'needs'],
    ['--gpu=l9', 'gpu'],
    ['--storage=-1', 'storage'],
    ['--as-of=tomorrow', 'as-of'],
    ['--reserved=x', 'extra'],
    ['--memry=2', 'extra'],
  ])('says what is wrong with %s at the field %s', (arg, block) => {
    const errors = modalErrors(['--vcpu=1', arg].slice(arg.startsWith('--vcpu') ? 1 : 0), PARSE_CONTEXT);
    expect(Object.keys(errors)[0]).toBe(block);
    expect(errors[block]?.length).toBeGreaterThan(10);
  });

  test('says beside a field what is wrong with its value, without the flag', () => {
    expect(modalErrors(['--vcpu=minus one', '--memory=2'], PARSE_CONTEXT)).toEqual({
      vcpu: expect.stringMatching(/^minus one: /),
    });
    expect(modalErrors(['--vcpu=minus one'], PARSE_CONTEXT).vcpu).not.toContain('--vcpu');
  });

  test('remembers where the answer goes, and refuses metadata that is not ours', () => {
    const { private_metadata: metadata = '' } = capacityModal(EMPTY_FORM, ORIGIN, PARSE_CONTEXT);
    expect(readOrigin(metadata)).toEqual(ORIGIN);
    for (const other of ['', 'x', 'null', '{}', '{"channel":1}']) expect(readOrigin(other)).toBeNull();
  });
});
