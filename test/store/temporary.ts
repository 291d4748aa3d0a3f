import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { NewRecord, Store } from '../../src/deps.ts';
import { openStore } from '../../src/store/index.ts';

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-advise-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A database file of its own for one test, opened; closed with the test. */
export async function temporaryStore(): Promise<{ readonly store: Store; readonly file: string }> {
  const file = join(temporaryFolder(), 'test.db');
  const store = await openStore({ databaseUrl: `sqlite:${file}` });
  onTestFinished(() => store.close());
  return { store, file };
}

/** A record that says only what a test cares about. */
export function aRecord(parts: Partial<NewRecord> = {}): NewRecord {
  return { at: '2026-11-24T09:00:00.000Z', kind: 'capacity', actor: 'U1', body: { question: 'where' }, ...parts };
}
