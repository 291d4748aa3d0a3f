/** A cluster's instances as questions: one per capacity provider that has instances. */
import { clusterIndex } from '../cost/cluster-context.ts';
import { instancePricer } from '../cost/instance-price.ts';
import { asgQuestion, type Prepared } from './asg.ts';
import { managedQuestion } from './managed.ts';
import type { LiveQuestion, ProviderQuestion } from './types.ts';

/**
 * What to ask about each provider of the cluster, by name; Fargate has no instances to save. `elsewhere` counts the
 * container instances that belong to no provider: nobody is advised about them.
 */
export function askProviders(question: LiveQuestion): {
  readonly providers: readonly ProviderQuestion[];
  readonly elsewhere: number;
} {
  const { view, prices, facts, region } = question;
  const prepared: Prepared = {
    question,
    index: clusterIndex(view),
    pricer: instancePricer(prices, facts, region),
  };
  const providers = [...view.providers]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((provider): readonly ProviderQuestion[] => {
      if (provider.kind === 'asg') return [asgQuestion(prepared, provider)];
      if (provider.kind === 'managed-instances') return [managedQuestion(prepared, provider)];
      return [];
    });
  const names = new Set(view.providers.map(({ name }) => name));
  const elsewhere = view.containerInstances.filter(
    ({ capacityProvider, status }) => status !== 'INACTIVE' && !names.has(capacityProvider ?? ''),
  ).length;
  return { providers, elsewhere };
}
