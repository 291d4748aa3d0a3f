import { beginOf, endOf, type FileConfig, isEmpty, ROLE_ARN } from './config-schema.ts';
import { nearest } from './nearest.ts';

type CrossProblem = {
  readonly keys: readonly (string | number)[];
  readonly what: string;
  readonly fix: string;
};

/** Faults that show only when several places are seen together. */
export function crossChecks(file: FileConfig): readonly CrossProblem[] {
  return [...accountProblems(file), ...roleProblems(file), ...routeProblems(file), ...timeProblems(file)];
}

function accountProblems({ accounts }: FileConfig): readonly CrossProblem[] {
  const problems: CrossProblem[] = [];
  for (const [index, { id, name, readerRole, writerRole, payer, regions }] of accounts.entries()) {
    const at = (key: string): readonly (string | number)[] => ['accounts', index, key];
    const before = accounts.slice(0, index);
    if (before.some((other) => other.id === id)) {
      problems.push({ keys: at('id'), what: `${id} stands twice`, fix: 'list an account once, with all its regions' });
    }
    if (before.some((other) => other.name === name)) {
      problems.push({ keys: at('name'), what: `"${name}" stands twice`, fix: 'give each account its own name' });
    }
    if (new Set(regions).size < regions.length) {
      problems.push({ keys: at('regions'), what: 'names a region twice', fix: 'list each region once' });
    }
    for (const [key, arn] of Object.entries({ readerRole, writerRole })) {
      if (arn === undefined || ROLE_ARN.exec(arn)?.[2] === id) continue;
      problems.push({
        keys: at(key),
        what: `belongs to another account than ${id}`,
        fix: 'copy the role of this account',
      });
    }
    if (payer && before.some((other) => other.payer)) {
      problems.push({ keys: at('payer'), what: 'is true twice', fix: 'leave it true for one account' });
    }
  }
  return problems;
}

function roleProblems({ roles }: FileConfig): readonly CrossProblem[] {
  return twice(roles, 'roles', 'put both matches under other names');
}

function twice(
  named: readonly { readonly name: string }[],
  list: 'roles' | 'routes',
  fix: string,
): readonly CrossProblem[] {
  return named.flatMap(({ name }, index) =>
    named.slice(0, index).some((other) => other.name === name)
      ? [{ keys: [list, index, 'name'], what: `"${name}" stands twice`, fix }]
      : [],
  );
}

function routeProblems({ accounts, roles, routes }: FileConfig): readonly CrossProblem[] {
  const problems = [...twice(routes, 'routes', 'give each route its own name')];
  for (const [index, { match, approvers, quorum }] of routes.entries()) {
    const isLast = index === routes.length - 1;
    const isCatchAll = isEverything(match);
    if (isLast && !isCatchAll) {
      const what = 'the last route does not fit everything';
      problems.push({ keys: ['routes', index], what, fix: 'add a last route without match, for all the rest' });
    }
    if (!isLast && isCatchAll) {
      const what = 'fits everything, so the routes below it are never used';
      problems.push({ keys: ['routes', index], what, fix: 'move it to the end, or give it a match' });
    }
    const names = accounts.flatMap(({ id, name }) => [id, name]);
    if (match.account !== undefined && !names.includes(match.account)) {
      const keys = ['routes', index, 'match', 'account'];
      problems.push({ keys, what: `there is no account "${match.account}"`, fix: oneOf(match.account, names) });
    }
    const known = roles.map(({ name }) => name);
    if (match.role !== undefined && !known.includes(match.role)) {
      const keys = ['routes', index, 'match', 'role'];
      problems.push({ keys, what: `there is no role "${match.role}"`, fix: oneOf(match.role, known) });
    }
    if (new Set(approvers).size < approvers.length) {
      const keys = ['routes', index, 'approvers'];
      problems.push({ keys, what: 'names somebody twice', fix: 'list everybody once' });
    }
    // How many a group has is known only to Slack; a list of people alone can be counted here.
    if (approvers.every((id) => !id.startsWith('S')) && new Set(approvers).size < quorum) {
      const what = `asks for ${quorum} approvals of ${approvers.length} people`;
      problems.push({ keys: ['routes', index, 'quorum'], what, fix: 'name more approvers, or lower the quorum' });
    }
  }
  return problems;
}

function isEverything(match: FileConfig['routes'][number]['match']): boolean {
  return Object.values(match).every((value) => value === undefined || isEmpty(value));
}

function oneOf(written: string, known: readonly string[]): string {
  const near = nearest(written, known);
  if (near !== null) return `did you mean ${near}?`;
  return known.length === 0 ? 'none is configured above' : `name one of ${known.join(', ')}`;
}

function timeProblems({ approvals: { freezes }, guardrails: { quietHours } }: FileConfig): readonly CrossProblem[] {
  const problems: CrossProblem[] = [];
  for (const [index, { from, to }] of freezes.entries()) {
    for (const [key, text] of Object.entries({ from, to })) {
      if (isCalendarDay(text.slice(0, 10))) continue;
      const keys = ['approvals', 'freezes', index, key];
      problems.push({ keys, what: `there is no day ${text.slice(0, 10)}`, fix: 'write a day of the calendar' });
    }
    if (beginOf(from) < endOf(to)) continue;
    const keys = ['approvals', 'freezes', index, 'to'];
    problems.push({ keys, what: 'lies before its beginning', fix: 'write a later end' });
  }
  for (const [index, { zone }] of quietHours.entries()) {
    if (isZone(zone)) continue;
    const keys = ['guardrails', 'quietHours', index, 'zone'];
    const near = nearest(zone, Intl.supportedValuesOf('timeZone'));
    const fix = near === null ? 'write a name such as Europe/London' : `did you mean ${near}?`;
    problems.push({ keys, what: `"${zone}" is not a time zone`, fix });
  }
  return problems;
}

function isCalendarDay(day: string): boolean {
  const at = new Date(`${day}T00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
