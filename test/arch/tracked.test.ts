import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from './sources.ts';

/** Texts that only make sense on the machine they were written on, or that must never be published. */
const MUST_NOT_APPEAR: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'an absolute path of a machine', pattern: /(?:^|[\s"'`(=])\/(?:work|root|home|Users)\/[\w.-]/m },
  { what: 'a package mirror', pattern: /\b(?:artifactory|verdaccio|codeartifact|nexus)\b[.\w-]*[/:]|"resolved":/i },
  // Real tokens are long; the made-up ones in tests and examples are short or made of one repeated word.
  { what: 'a Slack token', pattern: /\bxox[abp]-\d{9,}-\d{9,}-\w{20,}/ },
  { what: 'an AWS key', pattern: /\bAKIA(?!IOSFODNN7EXAMPLE)[0-9A-Z]{16}\b/ },
  { what: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
];

const hasGit = existsSync(join(ROOT, '.git'));
if (!hasGit) process.stderr.write('SKIPPED: no .git folder here, so tracked files cannot be listed.\n');

/** Text files under version control; pictures and other binaries are left out. */
function trackedTexts(): readonly string[] {
  const names = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0');
  return names.filter((name) => {
    const path = join(ROOT, name);
    return name !== '' && existsSync(path) && statSync(path).isFile() && !/\.(png|jpg|gif|ico|woff2?|tgz)$/.test(name);
  });
}

describe.skipIf(!hasGit)('tracked files', () => {
  test.each(MUST_NOT_APPEAR)('none holds $what', ({ pattern }) => {
    const found = trackedTexts().filter((name) => pattern.test(readFileSync(join(ROOT, name), 'utf8')));
    expect(found.filter((name) => name !== 'test/arch/tracked.test.ts')).toEqual([]);
  });

  test('every relative link in a document leads to a file', () => {
    const broken = trackedTexts()
      .filter((name) => name.endsWith('.md'))
      .flatMap((name) => brokenLinks(name));
    expect(broken).toEqual([]);
  });
});

function brokenLinks(name: string): readonly string[] {
  const text = readFileSync(join(ROOT, name), 'utf8').replace(/```[\s\S]*?```/g, '');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
  return targets
    .filter((target) => !/^(https?:|mailto:|#)/.test(target))
    .filter((target) => !existsSync(join(ROOT, name, '..', target.replace(/#.*$/, ''))))
    .map((target) => `${name} -> ${target}`);
}
