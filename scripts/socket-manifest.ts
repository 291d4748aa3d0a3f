import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';

/** Makes `manifest.socket.yml` from `manifest.yml`: Socket Mode on, no addresses. */

const ROOT = join(import.meta.dirname, '..');

/** The text of the Socket Mode variant. Throws when the HTTP manifest has no address to take out. */
export function socketManifest(http: string): string {
  const document = parseDocument(http.replace(/^(#.*\n)+/, ''));
  const places = [
    ['features', 'slash_commands', 0, 'url'],
    ['settings', 'interactivity', 'request_url'],
    ['settings', 'event_subscriptions', 'request_url'],
  ];
  for (const place of places) {
    if (!document.deleteIn(place)) throw new Error(`manifest.yml has no ${place.join('.')}`);
  }
  document.setIn(['settings', 'socket_mode_enabled'], true);
  const head =
    '# Slack app of ecs-advise in Socket Mode: no address, no open port. Made from manifest.yml; do not edit.\n';
  return head + document.toString({ lineWidth: 0 });
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(ROOT, 'manifest.socket.yml'), socketManifest(readFileSync(join(ROOT, 'manifest.yml'), 'utf8')));
}
