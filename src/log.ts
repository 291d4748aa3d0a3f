import { pino, stdSerializers } from 'pino';
import type { LogLevel } from './config.ts';
import type { Log } from './deps.ts';

/** Slack tokens of every kind, and the addresses that let anybody post: whoever wrote them into a field. */
const TOKENS = /\b(?:xox[a-z]|xapp)-[\w-]+|(https?:\/\/[^\s"/]+\/(?:commands|actions|services)\/)[\w/-]+/g;

type LogOptions = {
  readonly level: LogLevel;
  /** Values that never leave in a line, e.g. the signing secret. */
  readonly secrets: readonly string[];
  /** Takes whole lines; standard error by default, so that answers have standard output to themselves. */
  readonly write?: (line: string) => void;
};

/**
 * JSON lines `{level, at, …fields, msg}`. Errors under `err` or `error` keep their stack. Tokens and secrets are
 * replaced in the finished line, whatever field, message or stack they came in by.
 */
export function openLog(options: LogOptions): Log {
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const clean = redactor(options.secrets);
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"at":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: stdSerializers.err, error: stdSerializers.err },
    },
    { write: (line: string) => write(clean(line)) },
  );
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    debug: (fields, message) => logger.debug(fields, message),
  };
}

/** Replaces tokens and the given secrets in a finished JSON line; what is replaced stays valid inside a string. */
export function redactor(secrets: readonly string[]): (line: string) => string {
  // A very short "secret" would blank half of every line; real ones have 32 characters and more.
  const values = secrets.filter((secret) => secret.length >= 6).map((secret) => JSON.stringify(secret).slice(1, -1));
  return (line) => {
    let clean = line;
    for (const value of values) clean = clean.replaceAll(value, '[secret]');
    return clean.replace(TOKENS, (_match, address?: string) =>
      address === undefined ? '[secret]' : `${address}[secret]`,
    );
  };
}
