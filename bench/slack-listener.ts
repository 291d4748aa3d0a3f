import { createServer } from 'node:http';

/** A Slack that says yes to everything, and a counter of the answers that come back. */
export type Listener = {
  /** Ends in `/api/`, for SLACK_API_URL. */
  readonly apiUrl: string;
  /** A fresh response_url; `answered` holds the moment (performance.now) its first message arrived. */
  readonly hook: (id: string) => string;
  readonly answered: ReadonlyMap<string, number>;
  /** Resolves once `count` hooks have an answer. */
  readonly untilAnswered: (count: number) => Promise<void>;
  readonly close: () => void;
};

/** Starts it on a free port of 127.0.0.1. It does as little as possible, so that the bot is what is measured. */
export async function listen(): Promise<Listener> {
  const answered = new Map<string, number>();
  let waiting: { readonly count: number; readonly done: () => void } | null = null;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const hook = /^\/hook\/(.+)$/.exec(request.url ?? '');
      if (hook?.[1] !== undefined && !answered.has(hook[1])) answered.set(hook[1], performance.now());
      response.writeHead(200, { 'content-type': 'application/json', 'x-oauth-scopes': 'commands,chat:write' });
      response.end(
        JSON.stringify({ ok: true, team: 'bench', team_id: 'T1', user: 'bot', user_id: 'UBOT', bot_id: 'B1', url: '' }),
      );
      if (waiting !== null && answered.size >= waiting.count) waiting.done();
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
    untilAnswered: (count) =>
      new Promise((resolve) => {
        waiting = { count, done: resolve };
        if (answered.size >= count) resolve();
      }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
