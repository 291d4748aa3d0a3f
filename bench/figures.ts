import { cpus, totalmem } from 'node:os';

/** One measured line: what, what came out, and the target of the design where there is one. */
export type Figure = {
  readonly what: string;
  readonly value: number;
  readonly unit: 'ms' | 'MB' | 'late' | 'count' | 'ratio';
  /** The largest value that is still fine, or null where the figure is only for reading. */
  readonly target: number | null;
};

/** The value below which `share` (0 to 1) of the samples lie, by nearest rank. Samples must not be empty. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('no samples');
  return value;
}

/** Text of a figure with its unit; milliseconds below ten keep one decimal. */
export function shown(value: number, unit: Figure['unit']): string {
  if (unit === 'late' || unit === 'count') return String(value);
  if (unit === 'ratio') return value.toFixed(3);
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** A Markdown table of the figures, and whether each holds its target. */
export function figuresTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, value, unit, target }) => {
    const aim = target === null ? '' : `<= ${shown(target, unit)}`;
    return `| ${what} | ${shown(value, unit)} | ${aim} | ${target === null ? '' : value <= target ? 'yes' : '**no**'} |`;
  });
  return ['| what | measured | target | holds |', '| --- | ---: | ---: | --- |', ...rows].join('\n');
}

/** What the figures were measured on, in one line. */
export function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} x ${first?.model ?? 'unknown CPU'}, ${memory} GiB, ${process.platform}, Node ${process.version}`;
}
