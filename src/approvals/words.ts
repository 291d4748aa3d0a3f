/** Small words of sentences about proposals. Pure. */

/** `2026-11-24 18:20 UTC`. */
export function utc(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** A person as messages name them: a mention in Slack, the login from a terminal. */
export function person(user: string): string {
  return /^[UW][A-Z0-9]+$/.test(user) ? `<@${user}>` : user;
}

export function people(users: readonly string[]): string {
  return users.map(person).join(', ');
}

/** `1 approval`, `2 approvals`. */
export function approvalsWord(count: number): string {
  return count === 1 ? '1 approval' : `${count} approvals`;
}
