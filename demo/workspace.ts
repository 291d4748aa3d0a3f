import type { RouteWish } from './aws-account.ts';

/** The little company of the demo. Ids look like the real ones, so that payloads do too. */

export type Person = { readonly id: string; readonly name: string; readonly role: string };
export type Channel = { readonly id: string; readonly name: string; readonly topic: string };
export type TryThis = { readonly label: string; readonly text: string };

export const PEOPLE: readonly Person[] = [
  { id: 'U0ANA00001', name: 'ana', role: 'platform engineer' },
  { id: 'U0BEN00001', name: 'ben', role: 'backend developer' },
  { id: 'U0CLEO0001', name: 'cleo', role: 'FinOps' },
  { id: 'U0DAI00001', name: 'dai', role: 'SRE on call' },
  { id: 'U0GIL00001', name: 'gil', role: 'quant' },
];

export const CHANNELS: readonly Channel[] = [
  { id: 'C0CAPACITY', name: 'ecs-capacity', topic: 'Where should it run, and what does it cost?' },
  { id: 'C0FINOPS01', name: 'finops', topic: 'The bill, and what to do about it' },
  { id: 'C0SRE00001', name: 'sre', topic: 'Drains, limits, pages' },
  { id: 'C0GENERAL1', name: 'general', topic: 'Everything else' },
];

/** Who approves changes: three of five, and never the one who asks. */
export const GROUPS = [{ id: 'S0PLATFORM', handle: 'platform-team', members: ['ana', 'cleo', 'dai'] }] as const;

/** Rose carries the head nodes, so two must agree there. */
export const ROUTES: readonly RouteWish[] = [
  { name: 'rose', match: { cluster: 'rose' }, channel: 'sre', approvers: ['S0PLATFORM'], quorum: 2 },
  { name: 'everything else', channel: 'sre', approvers: ['S0PLATFORM'], quorum: 1 },
];

/** What every plan respects there. */
export const RULES = {
  approvals: { freezes: [{ name: 'Year end', from: '2026-12-19', to: '2027-01-03' }] },
  guardrails: {
    quietHours: [{ name: 'trading hours', hours: 'weekdays 8 to 18', zone: 'Europe/London' }],
    protectedServices: ['rose/quant-api'],
  },
};

/** Questions that show what the bot is for: first the recorded estate, then tasks that are only described. */
export const TRY_THESE: readonly TryThis[] = [
  { label: 'What do you see?', text: '/ecs-advise status' },
  { label: 'What did last week cost?', text: '/ecs-advise cost' },
  { label: 'Cost of rose by service', text: '/ecs-advise cost rose' },
  { label: 'Which tasks are too big?', text: '/ecs-advise rightsize' },
  { label: 'Which instances can go?', text: '/ecs-advise consolidate tulip' },
  { label: 'Where should quant-api run?', text: '/ecs-advise capacity service rose/quant-api' },
  { label: 'A plan for all of tulip', text: '/ecs-advise capacity cluster tulip' },
  { label: 'A batch that is never seen', text: '/ecs-advise capacity service rose/price-batch' },
  { label: 'Sundays 10 to 2pm, London', text: '/ecs-advise windows lint "sundays 10 to 2pm" --tz Europe/London' },
  {
    label: 'Patch rose on Sundays',
    text: '/ecs-advise windows set rose "sundays 10 to 2pm" --tz Europe/London',
  },
  { label: 'Who is drained when?', text: '/ecs-advise windows calendar rose' },
  {
    label: 'Short jobs by night',
    text: '/ecs-advise capacity --vcpu 1 --memory 2 --run 40s --pull 25s --per-day 20000 --between 01:00-04:00',
  },
  { label: '48 vCPU with AVX-512', text: '/ecs-advise capacity --vcpu 48 --memory 96 --needs avx512' },
  { label: 'A GPU (NVIDIA L4)', text: '/ecs-advise capacity --vcpu 4 --memory 16 --needs gpu:l4' },
  { label: 'An eBPF sidecar', text: '/ecs-advise capacity --vcpu 2 --memory 4 --tasks 6 --needs ebpf' },
  { label: '200 GB of memory', text: '/ecs-advise capacity --vcpu 16 --memory 200' },
  { label: 'Twelve web tasks', text: '/ecs-advise capacity --vcpu 2 --memory 8 --tasks 12' },
];
