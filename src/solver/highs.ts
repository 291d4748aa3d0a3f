/** Lends the engine a linear program: HiGHS compiled to WebAssembly, one thread, the same numbers on every machine. */
import highsModule, { type Highs, type InterruptCallbackEvent, type Model } from 'highs';
import type { LpColumn, LpMaker, LpModel, LpSolution } from '../engine/index.ts';
import { AdviseError } from '../errors.ts';

/** Node gives the package's function itself, its types say that it is a member of the module. */
const loadHighs = highsModule as unknown as typeof highsModule.default;

/** Loads the routine (about 50 ms). Throws a bug error when the packaged binary cannot be started. */
export async function openLp(): Promise<LpMaker> {
  const highs = await load();
  return (lower) => makeModel(highs, lower);
}

async function load(): Promise<Highs> {
  try {
    return await loadHighs();
  } catch (error) {
    // The original prints the whole minified bundle: its message alone is kept.
    const message = error instanceof Error ? error.message.slice(0, 200) : String(error).slice(0, 200);
    throw new AdviseError({ kind: 'bug', code: 'bug_solver_load', message: `The solver did not start: ${message}` });
  }
}

const PRIMAL_SIMPLEX = 4;
const DUAL_SIMPLEX = 1;
/** The tightest that still converges well: prices off by it are what a proof loses. */
const TOLERANCE = 1e-9;

function makeModel(highs: Highs, lower: Float64Array): LpModel {
  const rows = lower.length;
  const model = highs.createModel({
    numCols: 0,
    numRows: rows,
    sense: highs.constants.objectiveSense.minimize,
    colCost: [],
    colLower: [],
    colUpper: [],
    rowLower: lower,
    rowUpper: new Float64Array(rows).fill(highs.infinity),
    matrix: { format: 'csc', numRows: rows, numCols: 0, starts: [0], indices: [], values: [] },
  });
  model.options.set('output_flag', false);
  model.options.set('presolve', 'off');
  model.options.set('solver', 'simplex');
  model.options.set('dual_feasibility_tolerance', TOLERANCE);
  model.options.set('primal_feasibility_tolerance', TOLERANCE);
  return {
    add: (columns) => addColumns(highs, model, rows, columns),
    drop: (columns) => dropColumns(model, columns),
    require: (next) => {
      if (rows === 0) return;
      model.changeRowsBounds(
        { kind: 'range', from: 0, to: rows - 1 },
        next,
        new Float64Array(rows).fill(highs.infinity),
      );
      model.options.set('simplex_strategy', DUAL_SIMPLEX);
    },
    solve: () => solve(highs, model),
    solveWhole: (steps, stop) => solveWhole(highs, model, { steps, stop }),
    dispose: () => model.dispose(),
  };
}

function addColumns(highs: Highs, model: Model, rows: number, columns: readonly LpColumn[]): void {
  if (columns.length === 0) return;
  const starts = new Int32Array(columns.length + 1);
  columns.forEach((column, at) => {
    starts[at + 1] = (starts[at] ?? 0) + column.rows.length;
  });
  model.addCols({
    cost: Float64Array.from(columns, ({ cost }) => cost),
    lower: new Float64Array(columns.length),
    upper: Float64Array.from(columns, ({ upper }) => (upper === Number.POSITIVE_INFINITY ? highs.infinity : upper)),
    matrix: {
      format: 'csc',
      numRows: rows,
      numCols: columns.length,
      starts,
      indices: Int32Array.from(columns.flatMap((column) => [...column.rows])),
      values: Float64Array.from(columns.flatMap((column) => [...column.values])),
    },
  });
  model.options.set('simplex_strategy', PRIMAL_SIMPLEX);
}

/** The routine forgets where it stood when columns go: the standing of those that stay is put back. */
function dropColumns(model: Model, columns: Int32Array): void {
  if (columns.length === 0) return;
  const { colStatus, rowStatus } = model.getBasis();
  const gone = new Set(columns);
  model.deleteCols({ kind: 'set', indices: columns });
  model.setBasis({ colStatus: colStatus.filter((_, at) => !gone.has(at)), rowStatus });
}

function solve(highs: Highs, model: Model): LpSolution | null {
  if (!isRun(highs, () => model.run())) return null;
  const isOptimal = model.raw.getModelStatus() === highs.constants.modelStatus.optimal;
  if (!isOptimal) return null;
  const { colValue, rowDual } = model.getSolution();
  return { objective: model.getObjectiveValue(), values: colValue, duals: rowDual };
}

/** False when the routine gave up on the numbers: the engine goes on without this program. Other errors pass. */
function isRun(highs: Highs, run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof highs.errors.HighsError) return false;
    throw error;
  }
}

/** The limit is a count, never a clock: the same program gives the same values on any machine. */
function solveWhole(
  highs: Highs,
  model: Model,
  limit: { readonly steps: number; readonly stop: () => boolean },
): Float64Array | null {
  const columns = model.raw.getDimensions().numCols;
  if (columns === 0) return null;
  const whole = new Int32Array(columns).fill(highs.constants.variableType.integer);
  model.changeColsIntegrality({ kind: 'range', from: 0, to: columns - 1 }, whole);
  model.options.set('solver', 'choose');
  model.options.set('presolve', 'on');
  model.options.set('mip_rel_gap', 1e-9);
  let isStopped = false;
  const hooks = {
    [highs.constants.callbackType.mipInterrupt]: (event: InterruptCallbackEvent): undefined => {
      if (limit.stop()) isStopped = true;
      if (isStopped || Number(event.data.mip_total_lp_iterations ?? 0) > limit.steps) event.interrupt();
    },
  };
  if (!isRun(highs, () => model.run(hooks))) return null;
  const hasValues = model.info.get('primal_solution_status') === highs.constants.solutionStatus.feasible;
  return hasValues && !isStopped ? model.getSolution().colValue : null;
}
