/** The question in flat arrays, sorted by name: the search must not see the order of the file. Sizes as in the file. */
import type { ConsolidateInput, ConsolidateService, ConsolidateType, RunningInstance } from './model.ts';

export type Board = {
  readonly dims: number;
  readonly resourceNames: readonly string[];
  readonly types: readonly ConsolidateType[];
  readonly zones: readonly string[];
  readonly services: readonly ConsolidateService[];
  readonly instances: readonly RunningInstance[];
  /** `size[service * dims + resource]`. */
  readonly size: Float64Array;
  readonly moveCost: Float64Array;
  /** Infinity = as many as fit. */
  readonly perInstance: Float64Array;
  /** 1 = its tasks may move. */
  readonly movable: Uint8Array;
  /** 1 = each task keeps its zone. */
  readonly keepsZone: Uint8Array;
  /** `[(zone * types + type) * services + service]`, 1 = a task may come to such an instance. */
  readonly mayCome: Uint8Array;
  /** `[type * dims + resource]`. */
  readonly typeCap: Float64Array;
  readonly typePrice: Float64Array;
  /** Types worth launching, as positions in `types`. */
  readonly launchable: readonly number[];
  /** `[instance * dims + resource]`. */
  readonly cap: Float64Array;
  readonly typeOf: Int32Array;
  readonly zoneOf: Int32Array;
  /** 0 for covered ones. */
  readonly price: Float64Array;
  /** 1 = may be drained, and saves something then. */
  readonly closable: Uint8Array;
  readonly accepts: Uint8Array;
  /** `[instance * services + service]`: today's tasks. */
  readonly home: Int32Array;
  readonly minInstances: number;
};

/** The board of a question that `parseConsolidate` would read. */
export function makeBoard(input: ConsolidateInput): Board {
  const types = sorted(input.types, ({ name }) => name);
  const zones = [...input.azs].sort();
  const services = sorted(input.services, ({ id }) => id);
  const instances = sorted(input.instances, ({ id }) => id);
  const dims = input.resources.length;
  const typeAt = new Map(types.map(({ name }, at) => [name, at]));
  const zoneAt = new Map(zones.map((name, at) => [name, at]));
  const serviceAt = new Map(services.map(({ id }, at) => [id, at]));
  const typeOf = Int32Array.from(instances, ({ type }) => typeAt.get(type) ?? 0);
  const home = new Int32Array(instances.length * services.length);
  instances.forEach(({ tasks }, at) => {
    for (const [id, count] of Object.entries(tasks)) home[at * services.length + (serviceAt.get(id) ?? 0)] = count;
  });
  const price = Float64Array.from(instances, ({ covered }, at) =>
    covered ? 0 : Number(types[typeOf[at] ?? 0]?.cost ?? 0n),
  );
  const movable = Uint8Array.from(services, ({ perWave }) => (perWave === 0 ? 0 : 1));
  const isStuck = (at: number): boolean =>
    movable.some((may, s) => may === 0 && (home[at * services.length + s] ?? 0) > 0);
  return {
    dims,
    resourceNames: input.resources,
    types,
    zones,
    services,
    instances,
    size: Float64Array.from(services.flatMap(({ req }) => req)),
    moveCost: Float64Array.from(services, ({ moveCost }) => moveCost),
    perInstance: Float64Array.from(services, ({ perInstance }) => perInstance ?? Number.POSITIVE_INFINITY),
    movable,
    keepsZone: Uint8Array.from(services, ({ spreadAz }) => (spreadAz ? 1 : 0)),
    mayCome: mayComeOf(types, zones, services),
    typeCap: Float64Array.from(types.flatMap(({ cap }) => cap)),
    typePrice: Float64Array.from(types, ({ cost }) => Number(cost)),
    launchable: types.flatMap((type, at) => (isWorthLaunching(type, types, services) ? [at] : [])),
    cap: Float64Array.from(instances.flatMap(({ cap, type }) => cap ?? types[typeAt.get(type) ?? 0]?.cap ?? [])),
    typeOf,
    zoneOf: Int32Array.from(instances, ({ az }) => zoneAt.get(az) ?? 0),
    price,
    closable: Uint8Array.from(instances, ({ pinned }, at) =>
      pinned === null && (price[at] ?? 0) > 0 && !isStuck(at) ? 1 : 0,
    ),
    accepts: Uint8Array.from(instances, ({ accepts }) => (accepts ? 1 : 0)),
    home,
    minInstances: input.policy.minInstances,
  };
}

function mayComeOf(
  types: readonly ConsolidateType[],
  zones: readonly string[],
  services: readonly ConsolidateService[],
): Uint8Array {
  const may = new Uint8Array(zones.length * types.length * services.length);
  let at = 0;
  for (const zone of zones) {
    for (const { name } of types) {
      for (const { types: allowed, azs, perWave } of services) {
        const isAllowed = (allowed?.includes(name) ?? true) && (azs?.includes(zone) ?? true);
        may[at] = isAllowed && perWave !== 0 ? 1 : 0;
        at += 1;
      }
    }
  }
  return may;
}

/** Another type that holds as much, may hold the same services and is cheaper makes a type needless; of twins one stays. */
function isWorthLaunching(
  type: ConsolidateType,
  types: readonly ConsolidateType[],
  services: readonly ConsolidateService[],
): boolean {
  if (!type.mayLaunch) return false;
  return !types.some((other) => {
    if (other === type || !other.mayLaunch || other.cost > type.cost) return false;
    if (!type.cap.every((size, r) => size <= (other.cap[r] ?? 0))) return false;
    if (!services.every(({ types: may }) => may === null || !may.includes(type.name) || may.includes(other.name)))
      return false;
    const isLarger = other.cost < type.cost || other.cap.some((size, r) => size > (type.cap[r] ?? 0));
    return isLarger || other.name < type.name;
  });
}

function sorted<T>(rows: readonly T[], key: (row: T) => string): readonly T[] {
  return [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
