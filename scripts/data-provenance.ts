import type { SourceFigures } from './source-figures.ts';

/** Where one layer of the price book comes from. */
type Layer = {
  readonly layer: string;
  readonly what: string;
  readonly source: string;
  readonly commit: string | null;
  /** Day the figures describe. */
  readonly date: string;
  readonly licence: string;
  readonly confidence: 'high' | 'medium' | 'low' | 'assumed';
};

/** Every layer of data/prices, types first, then prices by product. */
export function provenance(figures: SourceFigures): { readonly layers: readonly Layer[] } {
  return {
    layers: [...typeLayers(figures), ...onDemandLayers(figures), ...fargateLayers(figures), ...otherLayers(figures)],
  };
}

function typeLayers({ instanceTypes, cpuFeatures }: SourceFigures): readonly Layer[] {
  const { specs, branchEnis, managedInstances } = instanceTypes.sources;
  return [
    {
      layer: 'instance-types',
      what: 'vCPU, memory, processor, interfaces and accelerators of each type, as EC2 DescribeInstanceTypes gives them',
      source: `${specs.repo} ${specs.path}`,
      commit: specs.commit,
      date: instanceTypes.asOf,
      licence: 'Apache-2.0',
      confidence: 'high',
    },
    {
      layer: 'branch-enis',
      what: 'branch network interfaces of each type with ENI trunking',
      source: `${branchEnis.repo} ${branchEnis.path}`,
      commit: branchEnis.commit,
      date: branchEnis.committed,
      licence: 'Apache-2.0',
      confidence: 'high',
    },
    {
      layer: 'managed-instances',
      what: 'which types ECS Managed Instances may launch: the family list, more than one vCPU, not nano or micro',
      source: managedInstances.url,
      commit: null,
      date: instanceTypes.asOf,
      licence: 'fact read from the page',
      confidence: 'medium',
    },
    {
      layer: 'cpu-features',
      what: 'AVX-512 by family, measured on running instances; kept in a file of its own',
      source: `${cpuFeatures.source.repo} ${cpuFeatures.source.path}`,
      commit: cpuFeatures.source.commit,
      date: cpuFeatures.asOf,
      licence: 'CC BY-SA 4.0, attribution: Spare Cores',
      confidence: 'high',
    },
  ];
}

const LAYERS = {
  K: { what: 'EC2 on-demand, us-east-1', licence: 'Apache-2.0', confidence: 'high' },
  A: { what: 'EC2 on-demand, 28 regions', licence: 'MIT-0', confidence: 'high' },
  B: { what: 'EC2 on-demand, regions that A lacks', licence: 'MIT', confidence: 'medium' },
  C: {
    what: 'EC2 on-demand worked out from the Managed Instances fee (fee / 0.12); the region may not offer the type',
    licence: 'MIT',
    confidence: 'medium',
  },
  D: { what: 'EC2 on-demand, the few types no newer layer has', licence: 'MIT', confidence: 'low' },
  M: {
    what: 'bare metal priced as the virtual size with the same vCPU: the source lists the dedicated-tenancy rate',
    licence: 'Apache-2.0',
    confidence: 'medium',
  },
} as const;

function onDemandLayers({ onDemand }: SourceFigures): readonly Layer[] {
  const listed = Object.entries(LAYERS).map(([code, text]): Layer => {
    const from = onDemand.basisCodes[code === 'M' ? 'K' : code];
    if (from?.repo === undefined || from.path === undefined || from.date === undefined)
      throw new Error(`layer ${code}`);
    const source = `${from.repo} ${from.path}`;
    return { layer: `on-demand ${code}`, ...text, source, commit: from.commit ?? null, date: from.date };
  });
  const estimated: Layer = {
    layer: 'on-demand estimated',
    what: onDemand.estimateRule,
    source: 'worked out from the layers above; offerings of 2026-08-01 from getmoto/moto',
    commit: null,
    date: onDemand.asOf.otherRegions,
    licence: 'own work',
    confidence: 'low',
  };
  return [...listed, estimated];
}

function fargateLayers({ fargate, savingsPlans }: SourceFigures): readonly Layer[] {
  const { onDemand, spotLinuxX86, spotLinuxArm64 } = fargate.sources;
  return [
    {
      layer: 'fargate',
      what: 'Fargate on-demand rates (Linux x86, Arm; Windows) and ephemeral storage; x86 compared again on 2026-09-29',
      source: `${onDemand.repo} ${onDemand.path}`,
      commit: onDemand.commit,
      date: fargate.asOf.onDemand,
      licence: 'MIT',
      confidence: 'high',
    },
    {
      layer: 'fargate-spot sourced',
      what: 'Fargate Spot rates, x86 in 21 regions and Arm in three; they float',
      source: spotLinuxX86.what,
      commit: null,
      date: fargate.asOf.spot,
      licence: 'MIT',
      confidence: 'medium',
    },
    {
      layer: 'fargate-spot derived',
      what: spotLinuxArm64.derived,
      source: 'worked out from the two layers above',
      commit: null,
      date: fargate.asOf.spot,
      licence: 'own work',
      confidence: 'low',
    },
    {
      layer: 'savings-plans fargate',
      what: 'Compute Savings Plans on Fargate in us-east-1; the fractions are assumed for other regions',
      source: savingsPlans.fargate.source,
      commit: null,
      date: savingsPlans.asOf.fargate,
      licence: 'facts read from the text',
      confidence: 'medium',
    },
  ];
}

function otherLayers({ savingsPlans, spot, gp3 }: SourceFigures): readonly Layer[] {
  const reserved = savingsPlans.ec2.sources.compute1yNoUpfront;
  if (reserved === undefined) throw new Error('savings-plans.json names no source for EC2');
  return [
    {
      layer: 'savings-plans ec2',
      what: 'Compute Savings Plans on EC2, a proxy: Convertible Reserved Instances in us-east-1, family medians',
      source: `${reserved.repo} ${reserved.path}`,
      commit: reserved.commit,
      date: savingsPlans.asOf.ec2,
      licence: 'MIT',
      confidence: 'low',
    },
    {
      layer: 'spot',
      what: 'EC2 Spot saving by type, a snapshot of the public Spot Instance Advisor',
      source: `${spot.source.repo} ${spot.source.path}`,
      commit: spot.source.commit,
      date: spot.asOf,
      licence: 'Apache-2.0',
      confidence: 'low',
    },
    {
      layer: 'gp3 sourced',
      what: 'gp3 storage in 21 regions',
      source: gp3.source,
      commit: null,
      date: gp3.asOf,
      licence: 'facts read from the page',
      confidence: 'medium',
    },
    {
      layer: 'gp3 assumed',
      what: gp3.assumedRule,
      source: 'the median of the layer above',
      commit: null,
      date: gp3.asOf,
      licence: 'own work',
      confidence: 'assumed',
    },
  ];
}
