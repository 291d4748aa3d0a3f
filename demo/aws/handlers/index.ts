import type { Protocol, Service } from '../protocol/service.ts';
import { applicationAutoScalingOperations } from './application-auto-scaling.ts';
import { autoScalingOperations } from './auto-scaling.ts';
import { cloudWatchOperations } from './cloudwatch.ts';
import { computeOptimizerOperations } from './compute-optimizer.ts';
import { costExplorerOperations } from './cost-explorer.ts';
import { ec2Operations } from './ec2.ts';
import { ecsOperations } from './ecs.ts';
import { pricingOperations } from './pricing.ts';
import { savingsPlansOperations } from './savings-plans.ts';
import { serviceQuotasOperations } from './service-quotas.ts';
import { stsOperations } from './sts.ts';
import type { ServiceTable } from './types.ts';

const json = (version: '1.0' | '1.1', target: string): Protocol => ({ kind: 'json', version, target });

const form = (kind: 'ec2' | 'query', version: string, xmlNamespace: string): Protocol => ({
  kind,
  version,
  xmlNamespace,
});

/** Services that have data without a region, or one endpoint for all. */
const GLOBAL = new Set(['sts', 'ce', 'pricing', 'savingsplans']);

function service(iam: string, protocol: Protocol, operations: ServiceTable): Service {
  return {
    iam,
    // CloudWatch alone is signed by another name than its actions have.
    signingName: iam === 'cloudwatch' ? 'monitoring' : iam,
    protocol,
    isGlobal: GLOBAL.has(iam),
    operations,
  };
}

/** Every service of the simulated AWS, with the protocol its SDK client speaks. */
export const SERVICES: readonly Service[] = [
  service('ecs', json('1.1', 'AmazonEC2ContainerServiceV20141113'), ecsOperations),
  service('ce', json('1.1', 'AWSInsightsIndexService'), costExplorerOperations),
  service('pricing', json('1.1', 'AWSPriceListService'), pricingOperations),
  service('servicequotas', json('1.1', 'ServiceQuotasV20190624'), serviceQuotasOperations),
  service('application-autoscaling', json('1.1', 'AnyScaleFrontendService'), applicationAutoScalingOperations),
  service('compute-optimizer', json('1.0', 'ComputeOptimizerService'), computeOptimizerOperations),
  service('cloudwatch', json('1.0', 'GraniteServiceVersion20100801'), cloudWatchOperations),
  service('ec2', form('ec2', '2016-11-15', 'http://ec2.amazonaws.com/doc/2016-11-15/'), ec2Operations),
  service('sts', form('query', '2011-06-15', 'https://sts.amazonaws.com/doc/2011-06-15/'), stsOperations),
  service(
    'autoscaling',
    form('query', '2011-01-01', 'http://autoscaling.amazonaws.com/doc/2011-01-01/'),
    autoScalingOperations,
  ),
  service('savingsplans', { kind: 'rest' }, savingsPlansOperations),
];
