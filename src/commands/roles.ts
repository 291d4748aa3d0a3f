/** Fleet roles: the first configured rule that fits gives a service its role in reports. */
import type { FleetRole } from '../deps.ts';
import type { RoleSubject } from '../engine/index.ts';

/** A lookup over the configured rules; null = no rule fits. A rule that names services or tags never fits idle capacity. */
export function roleFinder(roles: readonly FleetRole[]): (subject: RoleSubject) => string | null {
  const rules = roles.map(({ name, match }) => ({
    name,
    tags: Object.entries(match.tags ?? {}),
    cluster: match.cluster === undefined ? null : globPattern(match.cluster),
    service: match.service === undefined ? null : globPattern(match.service),
  }));
  return ({ cluster, service, tags: own }) =>
    rules.find(
      (rule) =>
        (rule.cluster === null || (cluster !== null && rule.cluster.test(cluster))) &&
        (rule.service === null || (service !== null && rule.service.test(service))) &&
        rule.tags.every(([key, value]) => own[key] === value),
    )?.name ?? null;
}

/** `head-*` -> /^head-.*$/; everything but `*` and `?` stands for itself. */
export function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}
