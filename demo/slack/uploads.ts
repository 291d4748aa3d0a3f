import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Board } from './board.ts';
import type { JsonObject, StandIn } from './protocol.ts';
import type { Reply } from './web-api.ts';

/**
 * Files, as Slack takes them: an address to send the bytes to, the bytes, and a call that shares the file. The emulator
 * does the work; here the bytes are kept on the way, so that a page and a test can show them.
 */
type Uploads = {
  /** The bytes of one file. */
  readonly take: (id: string, request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Looks at the answer of a Web API call: sends uploads through us, and shows what was shared. */
  readonly follow: (method: string, body: JsonObject, reply: Reply, host: string | undefined) => Reply;
};

type Parts = { readonly board: Board; readonly people: StandIn['people']; readonly emulatorUrl: string };
type Pending = { readonly url: string; readonly name: string; text: string };

export function createUploads({ board, people, emulatorUrl }: Parts): Uploads {
  const pending = new Map<string, Pending>();
  /** Whose direct messages a conversation is, by its id. */
  const direct = new Map<string, string>();

  const share = (body: JsonObject): void => {
    const user = direct.get(String(body.channel_id));
    if (user === undefined) return;
    const channel = board.lastChannelOf(user);
    for (const { id } of fileIds(body.files)) {
      const file = pending.get(id);
      if (file === undefined) continue;
      const { name, text } = file;
      board.add({ channel, text: name, blocks: [], onlyFor: user, from: 'bot', file: { name, text } });
      pending.delete(id);
    }
  };
  return {
    take: async (id, request, response) => {
      const file = pending.get(id);
      if (file === undefined) {
        response.writeHead(404).end();
        return;
      }
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const bytes = Buffer.concat(chunks);
      const type = request.headers['content-type'] ?? 'application/octet-stream';
      const answer = await fetch(file.url, { method: 'POST', headers: { 'content-type': type }, body: bytes });
      file.text = type.startsWith('multipart/') ? partOf(bytes.toString('utf8')) : bytes.toString('utf8');
      response.writeHead(answer.status).end(await answer.text());
    },
    follow: (method, body, reply, host) => {
      const answer = JSON.parse(reply.body) as JsonObject;
      if (answer.ok !== true) return reply;
      if (method === 'conversations.open') {
        const user = people.find(({ id }) => id === body.users)?.name;
        const { channel } = answer as { readonly channel?: { readonly id?: string } };
        if (user !== undefined && channel?.id !== undefined) direct.set(channel.id, user);
      } else if (method === 'files.completeUploadExternal') {
        share(body);
      } else if (method === 'files.getUploadURLExternal') {
        const id = String(answer.file_id);
        // The emulator names the port that it was asked for, which is "any".
        const { pathname } = new URL(String(answer.upload_url));
        pending.set(id, { url: `${emulatorUrl}${pathname}`, name: String(body.filename), text: '' });
        return { ...reply, body: JSON.stringify({ ...answer, upload_url: `http://${host}/upload/${id}` }) };
      }
      return reply;
    },
  };
}

function fileIds(files: unknown): readonly { readonly id: string }[] {
  const list: unknown = typeof files === 'string' ? JSON.parse(files) : files;
  return Array.isArray(list) ? (list as { readonly id: string }[]) : [];
}

/** The content of the one part of a multipart body. */
function partOf(body: string): string {
  const start = body.indexOf('\r\n\r\n') + 4;
  return body.slice(start, body.lastIndexOf('\r\n--'));
}
