import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { importsOf, type Source, sourcesIn, targetOf, walk } from './sources.ts';

/** Who may import whom: each unit of `src/` (a folder, or a file at its top) and what may stand on its import lines. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  engine: [],
  approvals: ['engine', 'deps', 'errors'],
  report: ['approvals', 'engine', 'deps', 'errors'],
  commands: ['report', 'approvals', 'engine', 'deps', 'errors', 'nearest'],
  slack: ['commands', 'report', 'approvals', 'engine', 'deps', 'errors'],
  store: ['approvals', 'engine', 'deps', 'errors'],
  aws: ['approvals', 'engine', 'deps', 'errors'],
  jobs: ['report', 'approvals', 'engine', 'deps', 'errors'],
  solver: ['engine', 'deps', 'errors'],
  threads: ['commands', 'jobs', 'wire', 'config', 'engine', 'deps', 'errors'],
  scan: ['jobs', 'report', 'wire', 'config', 'engine', 'deps', 'errors'],
  'refresh-facts': ['jobs', 'report', 'wire', 'config', 'data', 'engine', 'deps', 'errors'],
  data: ['engine', 'deps', 'errors', 'nearest'],
  deps: ['deps-aws', 'approvals', 'engine', 'errors'],
  'deps-aws': ['approvals', 'engine', 'errors'],
  errors: [],
  nearest: [],
  files: ['deps', 'errors'],
  config: ['config-schema', 'config-checks', 'approvals', 'engine', 'deps', 'errors', 'nearest'],
  'config-schema': ['approvals', 'deps'],
  'config-checks': ['config-schema', 'nearest'],
  log: ['config', 'deps', 'errors'],
  wire: ['aws', 'files', 'solver', 'store', 'data', 'config', 'log', 'engine', 'deps', 'errors'],
  'doctor-aws': ['aws', 'store', 'config', 'log', 'deps', 'errors'],
  doctor: ['doctor-aws', 'slack', 'wire', 'store', 'data', 'config', 'log', 'report', 'engine', 'deps', 'errors'],
  main: [
    'slack',
    'threads',
    'jobs',
    'wire',
    'commands',
    'approvals',
    'aws',
    'config',
    'log',
    'engine',
    'deps',
    'errors',
  ],
  cli: [
    'main',
    'doctor',
    'scan',
    'refresh-facts',
    'commands',
    'report',
    'wire',
    'config',
    'log',
    'engine',
    'deps',
    'errors',
  ],
};

/** Packages (and Node modules) that only some files may import. Everything not named here is free for edges. */
const PACKAGE_WALLS: readonly { readonly packages: RegExp; readonly only: RegExp }[] = [
  { packages: /^@slack\//, only: /^src\/slack\// },
  { packages: /^(kysely|better-sqlite3)($|\/)/, only: /^src\/store\// },
  { packages: /^@(aws-sdk|smithy)\//, only: /^src\/aws\// },
  { packages: /^highs($|\/)/, only: /^src\/solver\// },
  { packages: /^piscina($|\/)/, only: /^src\/threads\// },
  { packages: /^pino($|\/)/, only: /^src\/log\.ts$/ },
  { packages: /^yaml($|\/)/, only: /^src\/(config|data)\.ts$/ },
  { packages: /^zod($|\/)/, only: /^src\/(config|config-schema|data)\.ts$|^src\/slack\/|^src\/store\// },
  { packages: /^node:(fs|net|http|https|child_process|worker_threads)/, only: /^src\/(?!engine|report|commands)/ },
];

const src = sourcesIn('src');
const unitOf = (path: string): string => path.split('/')[1]?.replace(/\.ts$/, '') ?? '';
const where = (source: Source, line: number): string => `${source.path}:${line}`;

describe('arrows', () => {
  test('every unit of src has a row in the table', () => {
    expect([...new Set(src.map((source) => unitOf(source.path)))].filter((unit) => !(unit in MAY_IMPORT))).toEqual([]);
  });

  test('a unit imports only what stands to its right', () => {
    const wrong: string[] = [];
    for (const source of src) {
      const from = unitOf(source.path);
      for (const { specifier, line } of importsOf(source)) {
        const target = targetOf(source, specifier);
        if (target === null) continue;
        const to = target.startsWith('src/') ? unitOf(target) : target;
        if (to !== from && !MAY_IMPORT[from]?.includes(to)) wrong.push(`${where(source, line)}: ${from} -> ${to}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('from outside, only engine/index.ts is imported', () => {
    const wrong = src
      .filter((source) => unitOf(source.path) !== 'engine')
      .flatMap((source) =>
        importsOf(source)
          .filter(({ specifier }) => /^src\/engine\/(?!index\.ts$)/.test(targetOf(source, specifier) ?? ''))
          .map(({ specifier, line }) => `${where(source, line)}: ${specifier}`),
      );
    expect(wrong).toEqual([]);
  });

  test('the product imports nothing from demo, test, bench or scripts', () => {
    const wrong = src.flatMap((source) =>
      importsOf(source)
        .filter(({ specifier }) => /^(demo|test|bench|scripts)\//.test(targetOf(source, specifier) ?? ''))
        .map(({ line }) => where(source, line)),
    );
    expect(wrong).toEqual([]);
  });

  test('relative imports name the file, extension included', () => {
    const wrong = ['src', 'demo', 'test', 'scripts', 'bench'].flatMap((folder) =>
      sourcesIn(folder).flatMap((source) =>
        importsOf(source)
          .filter(({ specifier }) => specifier.startsWith('.') && !/\.(ts|tsx|js|json)$/.test(specifier))
          .map(({ specifier, line }) => `${where(source, line)}: ${specifier}`),
      ),
    );
    expect(wrong).toEqual([]);
  });
});

describe('package walls', () => {
  test('each walled package is imported only behind its wall', () => {
    const wrong: string[] = [];
    for (const source of src) {
      for (const { specifier, line } of importsOf(source)) {
        for (const wall of PACKAGE_WALLS) {
          if (wall.packages.test(specifier) && !wall.only.test(source.path))
            wrong.push(`${where(source, line)}: ${specifier}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('the engine imports no package at all', () => {
    const wrong = src
      .filter((source) => unitOf(source.path) === 'engine')
      .flatMap((source) => importsOf(source).filter(({ specifier }) => !specifier.startsWith('.')))
      .map(({ specifier }) => specifier);
    expect(wrong).toEqual([]);
  });

  test('only config.ts reads the environment', () => {
    const wrong: string[] = [];
    for (const source of src.filter(({ path }) => path !== 'src/config.ts')) {
      walk(source, (node) => {
        if (ts.isPropertyAccessExpression(node) && node.getText(source.tree) === 'process.env') wrong.push(source.path);
      });
    }
    expect(wrong).toEqual([]);
  });
});

describe('the checker', () => {
  test('shares no code with what it checks: only facts, units and types', () => {
    const allowed = [
      'src/engine/facts.ts',
      'src/engine/prices.ts',
      'src/engine/units.ts',
      'src/engine/capacity/types.ts',
    ];
    const checker = src.filter(({ path }) => path === 'src/engine/capacity/check.ts');
    expect(checker).toHaveLength(1);
    const wrong = checker.flatMap((source) =>
      importsOf(source)
        .map(({ specifier }) => targetOf(source, specifier) ?? specifier)
        .filter((target) => !allowed.includes(target)),
    );
    expect(wrong).toEqual([]);
  });
});
