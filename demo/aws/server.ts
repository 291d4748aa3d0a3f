import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createEndpoint, type EndpointOptions } from './endpoint.ts';
import type { Fault } from './faults.ts';
import type { JournalEntry } from './journal.ts';
import type { BucketCount } from './throttle.ts';

export type AwsStandInOptions = EndpointOptions & {
  /** A free one when absent. */
  readonly port?: number;
};

export type AwsStandIn = {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  /** Every call in order; empty with `journal: 'counts'`. */
  readonly journal: readonly JournalEntry[];
  /** Calls by IAM action, such as `ecs:ListServices`. */
  readonly counts: ReadonlyMap<string, number>;
  /** Requests and answers that depart from AWS's own model. A test that ends with any has failed. */
  readonly violations: readonly string[];
  /** The throttling buckets used so far. */
  readonly buckets: () => readonly BucketCount[];
  readonly addFault: (fault: Fault) => void;
  readonly clearFaults: () => void;
  readonly close: () => Promise<void>;
};

/** Starts an AWS on 127.0.0.1 for the unchanged SDK. Throws when the port is taken or the world has no hub account. */
export async function startAwsStandIn(options: AwsStandInOptions): Promise<AwsStandIn> {
  const endpoint = createEndpoint(options);
  const timers = new Set<NodeJS.Timeout>();
  const server = createServer((request, response) => {
    receive(request, endpoint, (action) => carryOut(action, response, timers)).catch((error: unknown) => {
      // Only a request that breaks off comes here: there is nobody left to answer.
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  // Longer than any pause between two calls of the SDK, which would else meet a connection that is being closed.
  server.keepAliveTimeout = 120_000;
  server.listen(options.port ?? 0, '127.0.0.1');
  await Promise.race([once(server, 'listening'), once(server, 'error').then(([error]) => Promise.reject(error))]);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the simulated AWS has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    journal: endpoint.journal.entries,
    counts: endpoint.journal.counts,
    violations: endpoint.violations,
    buckets: endpoint.buckets.counts,
    addFault: endpoint.faults.add,
    clearFaults: endpoint.faults.clear,
    close: async () => {
      for (const timer of timers) clearTimeout(timer);
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

type Endpoint = ReturnType<typeof createEndpoint>;
type Action = ReturnType<Endpoint['answer']>;

async function receive(request: IncomingMessage, endpoint: Endpoint, carry: (action: Action) => void): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  carry(
    endpoint.answer({
      method: request.method ?? '',
      url: request.url ?? '/',
      headers: request.headers,
      body: Buffer.concat(chunks),
    }),
  );
}

function carryOut(action: Action, response: ServerResponse, timers: Set<NodeJS.Timeout>): void {
  const { answer, delayMs } = action;
  if (answer === 'silence') return;
  if (answer === 'hang-up') {
    response.socket?.destroy();
    return;
  }
  const send = (): void => {
    const length = String(Buffer.byteLength(answer.body));
    response.writeHead(answer.status, { ...answer.headers, 'content-length': length }).end(answer.body);
  };
  if (delayMs === 0) {
    send();
    return;
  }
  const timer = setTimeout(() => {
    timers.delete(timer);
    send();
  }, delayMs);
  timers.add(timer);
}
