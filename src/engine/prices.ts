/** Prices and instance types of one region, as plain data. All money is a decimal USD string. */

export type Architecture = 'x86_64' | 'arm64';
export type CpuManufacturer = 'intel' | 'amd' | 'aws';
export type InstanceCategory = 'general' | 'compute' | 'memory' | 'storage' | 'accelerated' | 'hpc';

/** GPU devices of a type. `count` below 1 is a fraction of one device. */
export type Gpu = {
  readonly name: string;
  readonly manufacturer: string;
  readonly count: number;
  readonly memoryMiB: number;
};
/** Accelerators that are not GPUs: AWS Neuron, FPGA, inference or media cards. */
export type Accelerator = {
  readonly kind: string;
  readonly name: string;
  readonly manufacturer: string;
  readonly count: number;
};

export type InstanceType = {
  readonly name: string;
  readonly family: string;
  readonly vcpu: number;
  /** Nominal memory, before what the hypervisor and operating system keep. */
  readonly memoryMiB: number;
  readonly architecture: Architecture;
  readonly cpuManufacturer: CpuManufacturer;
  readonly category: InstanceCategory;
  readonly generation: number;
  readonly currentGeneration: boolean;
  readonly bareMetal: boolean;
  readonly burstable: boolean;
  /** Network interfaces, the primary one included. */
  readonly enis: number;
  /** Branch interfaces with ENI trunking, or null where the type cannot trunk. */
  readonly branchEnis: number | null;
  readonly gpu: Gpu | null;
  readonly accelerator: Accelerator | null;
  /** ECS Managed Instances may launch it. */
  readonly managedInstances: boolean;
  /** No longer listed by EC2. */
  readonly retired: boolean;
  /** Measured on a running instance of the family: has it AVX-512? null = never measured. */
  readonly avx512: boolean | null;
};

export type OnDemandPrice = {
  readonly usdPerHour: string;
  /** `estimated` prices are worked out from a neighbour family; used only when nothing sourced fits. */
  readonly kind: 'sourced' | 'estimated';
};

export type FargateRates = { readonly vcpuUsdPerHour: string; readonly gibUsdPerHour: string };
/** `sourced` rates were read; `derived` ones follow from another row and are marked low-confidence. */
export type FargateSpotRates = FargateRates & { readonly basis: 'sourced' | 'derived' };

export type PriceBook = {
  readonly region: string;
  /** Day of each price snapshot, `YYYY-MM-DD`. */
  readonly asOf: {
    readonly instanceTypes: string;
    readonly onDemand: string;
    readonly fargate: string;
    readonly fargateSpot: string;
    readonly spot: string;
    readonly ebs: string;
    readonly savingsPlans: string;
  };
  /** Sorted by name. Types without a price in this region are left out. */
  readonly types: readonly InstanceType[];
  /** By type name. Types that the region no longer offers are left out. */
  readonly onDemand: { readonly [type: string]: OnDemandPrice };
  /** Spot saving against on-demand, whole percent, by type name (may be negative); absent = no data. */
  readonly spotSavingPercent: { readonly [type: string]: number };
  readonly fargate: { readonly [A in Architecture]: FargateRates };
  readonly fargateSpot: { readonly [A in Architecture]: FargateSpotRates | null };
  /** Fargate ephemeral storage above the included part, per GiB-hour. */
  readonly ephemeralGibUsdPerHour: string;
  readonly gp3: { readonly gibUsdPerMonth: string; readonly basis: 'sourced' | 'assumed' };
  /** Savings Plans: the fraction of the on-demand rate that is paid, decimal string (`"0.8"` = 20 % off). */
  readonly savingsPlans: {
    readonly fargate: { readonly [A in Architecture]: { readonly oneYear: string; readonly threeYear: string } };
    /** By family; a family without a row uses its category's median. Always a proxy, low confidence. */
    readonly ec2ByFamily: { readonly [family: string]: { readonly oneYear: string; readonly threeYear: string } };
    readonly ec2ByCategory: { readonly [category: string]: { readonly oneYear: string; readonly threeYear: string } };
  };
};
