import { createHash } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Files } from './deps.ts';
import { AdviseError, usageError } from './errors.ts';

/** Text files named on the command line. Throws a usage error: missing, not a file, not readable, too large. */
export const files: Files = {
  read: async (path, mostBytes) => {
    const handle = await opened(path);
    try {
      const { size } = await handle.stat();
      if (size > mostBytes) throw tooLarge(path, mostBytes);
      const bytes = await handle.readFile();
      if (bytes.length > mostBytes) throw tooLarge(path, mostBytes);
      return { text: bytes.toString('utf8'), sha256: createHash('sha256').update(bytes).digest('hex') };
    } catch (error) {
      throw translated(error, path);
    } finally {
      await handle.close();
    }
  },
  write: async (folder, name, text) => {
    try {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, name), text);
    } catch (error) {
      throw translated(error, folder);
    }
  },
};

async function opened(path: string): ReturnType<typeof open> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw translated(error, path);
  }
}

function tooLarge(path: string, mostBytes: number): AdviseError {
  return usageError(
    'usage_file_too_large',
    `${path} is larger than the ${Math.round(mostBytes / 2 ** 20)} MiB that I read`,
  );
}

/** Errors of the file system that the person can put right; all others pass. */
function translated(error: unknown, path: string): unknown {
  if (error instanceof AdviseError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return usageError('usage_no_file', `there is no file ${path}`);
  if (code === 'EEXIST') return usageError('usage_no_file', `${path} is a file, not a folder`);
  if (code === 'EISDIR') return usageError('usage_no_file', `${path} is a folder, not a file`);
  if (code === 'EACCES' || code === 'EPERM') return usageError('usage_no_file', `I may not use ${path}`);
  return error;
}
