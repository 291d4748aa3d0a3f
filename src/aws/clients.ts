import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ComputeOptimizerClient } from '@aws-sdk/client-compute-optimizer';
import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { PricingClient } from '@aws-sdk/client-pricing';
import { SavingsplansClient } from '@aws-sdk/client-savingsplans';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { STSClient } from '@aws-sdk/client-sts';
import { NotAnAnswer } from './errors.ts';
import type { Session } from './sessions.ts';

/** SDK clients of one account and region, each made when it is first used. */
export type Clients = {
  readonly ecs: ECSClient;
  readonly ec2: EC2Client;
  readonly sts: STSClient;
  readonly autoScaling: AutoScalingClient;
  readonly applicationAutoScaling: ApplicationAutoScalingClient;
  readonly serviceQuotas: ServiceQuotasClient;
  readonly cloudWatch: CloudWatchClient;
  readonly computeOptimizer: ComputeOptimizerClient;
  /** Always us-east-1, like the next two: they have hardly any other endpoint. */
  readonly costExplorer: CostExplorerClient;
  readonly savingsPlans: SavingsplansClient;
  readonly pricing: PricingClient;
  readonly close: () => void;
};

/** Cost Explorer, Savings Plans and the Price List live here for every region. */
export const MONEY_REGION = 'us-east-1';
const MONEY_CLIENTS: readonly string[] = ['costExplorer', 'savingsPlans', 'pricing'];

const CONNECT_MS = 3_000;
/** More than a region's work ever has under way at one service. */
const MAX_SOCKETS = 32;

/**
 * Endpoints are never set here: AWS_ENDPOINT_URL and its kin must keep working. One try per call, because waiting,
 * counting and trying again are this folder's own business (`call.ts`).
 */
export function createClients(region: string, session: Session): Clients {
  const made = new Map<string, { readonly destroy: () => void }>();
  const once = <C extends SdkClient>(name: string, make: (config: ClientConfig) => C): C => {
    const known = made.get(name);
    // Each name is made by one getter only, so it is of that getter's type.
    if (known !== undefined) return known as C;
    const client = make(configOf(MONEY_CLIENTS.includes(name) ? MONEY_REGION : region, session));
    refuseHtml(client);
    made.set(name, client);
    return client;
  };
  return {
    get ecs() {
      return once('ecs', (config) => new ECSClient(config));
    },
    get ec2() {
      return once('ec2', (config) => new EC2Client(config));
    },
    get sts() {
      return once('sts', (config) => new STSClient(config));
    },
    get autoScaling() {
      return once('autoScaling', (config) => new AutoScalingClient(config));
    },
    get applicationAutoScaling() {
      return once('applicationAutoScaling', (config) => new ApplicationAutoScalingClient(config));
    },
    get serviceQuotas() {
      return once('serviceQuotas', (config) => new ServiceQuotasClient(config));
    },
    get cloudWatch() {
      return once('cloudWatch', (config) => new CloudWatchClient(config));
    },
    get computeOptimizer() {
      return once('computeOptimizer', (config) => new ComputeOptimizerClient(config));
    },
    get costExplorer() {
      return once('costExplorer', (config) => new CostExplorerClient(config));
    },
    get savingsPlans() {
      return once('savingsPlans', (config) => new SavingsplansClient(config));
    },
    get pricing() {
      return once('pricing', (config) => new PricingClient(config));
    },
    close: () => {
      for (const client of made.values()) client.destroy();
      made.clear();
    },
  };
}

type ClientConfig = {
  readonly region: string;
  readonly credentials: Session['provider'];
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly httpAgent: { readonly keepAlive: boolean; readonly maxSockets: number };
    readonly httpsAgent: { readonly keepAlive: boolean; readonly maxSockets: number };
  };
};

function configOf(region: string, session: Session): ClientConfig {
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS };
  return {
    region,
    credentials: session.provider,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECT_MS, httpAgent: agent, httpsAgent: agent },
  };
}

type SdkClient = { readonly destroy: () => void; readonly middlewareStack: unknown };

/**
 * A proxy or an emulator that fails answers with a page, often with status 200; the XML protocols would read it as an
 * empty result. Looks at the raw response, before the SDK does.
 */
function refuseHtml(client: SdkClient): void {
  // All clients have the same stack of middleware; its type differs only in the inputs, which are not looked at here.
  const stack = client.middlewareStack as ECSClient['middlewareStack'];
  stack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers }: { headers?: Record<string, string> } = Object(result.response);
      const type = headers?.['content-type'] ?? '';
      if (/^text\/html/i.test(type)) throw new NotAnAnswer('an HTML page');
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'refuseHtml' },
  );
}
