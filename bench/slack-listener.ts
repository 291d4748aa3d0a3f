import { createServer } from 'node:http';

/** A Slack that says yes to everything, and notes when the answers come back. */
export type Listener = {
  /** Ends in `/api/`, for SLACK_API_URL. */
  readonly apiUrl: string;
  /** A fresh response_url; `answered` holds the moment (performance.now) its first answer arrived, in that order. */
  readonly hook: (id: string) => string;
  readonly answered: ReadonlyMap<string, number>;
  /** Resolves once each of these hooks has an answer. */
  readonly untilAnswered: (ids: readonly string[]) => Promise<void>;
  readonly close: () => void;
};

/** What the bot says while somebody waits long: no answer yet. */
const NOTICES = ['Still working on it', 'before yours'];

/** Starts it on a free port of 127.0.0.1. It does as little as possible, so that the bot is what is measured. */
export async function listen(): Promise<Listener> {
  const answered = new Map<string, number>();
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    let isNotice = false;
    request.on('data', (chunk: Buffer) => {
      isNotice ||= NOTICES.some((words) => chunk.includes(words));
    });
    request.on('end', () => {
      const [, id] = /^\/hook\/(.+)$/.exec(request.url ?? '') ?? [];
      if (id !== undefined && !isNotice && !answered.has(id)) answered.set(id, performance.now());
      response.writeHead(200, { 'content-type': 'application/json', 'x-oauth-scopes': 'commands,chat:write' });
      response.end(
        JSON.stringify({ ok: true, team: 'bench', team_id: 'T1', user: 'bot', user_id: 'UBOT', bot_id: 'B1', url: '' }),
      );
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `http://127.0.0.1:${address.port}`;
  return {
    apiUrl: `${url}/api/`,
    hook: (id) => `${url}/hook/${id}`,
    answered,
    untilAnswered: (ids) =>
      new Promise((resolve) => {
        const missing = new Set(ids);
        const look = (): void => {
          for (const id of missing) if (answered.has(id)) missing.delete(id);
          if (missing.size > 0) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
