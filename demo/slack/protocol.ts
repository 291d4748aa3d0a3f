import type { IncomingMessage, ServerResponse } from 'node:http';

/** Types of the Slack stand-in: what the demo page and the tests see of it. Names are of users and channels. */

/** Any JSON object; blocks and views stay as the bot sent them. */
export type JsonObject = { readonly [key: string]: unknown };

export type Person = { readonly id: string; readonly name: string };
export type Channel = { readonly id: string; readonly name: string };

/** A user group; `members` are names. */
export type Group = { readonly id: string; readonly members: readonly string[] };

export type StandInMessage = {
  readonly ts: string;
  /** Channel name, without `#`. */
  readonly channel: string;
  readonly text: string;
  readonly blocks: readonly JsonObject[];
  /** Name of the only user who sees it, or null when the channel sees it. */
  readonly onlyFor: string | null;
  /** Who wrote it: the bot, or what a user typed (kept so that a page can show it). */
  readonly from: 'bot' | { readonly user: string };
  readonly edited: boolean;
  /** True when it came into the direct messages of `onlyFor`. */
  readonly isDirect?: true;
  /** A file that came with it, in the direct messages of `onlyFor`. */
  readonly file?: { readonly name: string; readonly text: string };
};

export type StandInView = {
  readonly id: string;
  readonly user: string;
  readonly hash: string;
  readonly kind: 'modal' | 'home';
  /** The view as the bot sent it. */
  readonly view: JsonObject;
};

/** One HTTP request to the bot and its answer. */
export type Delivery = {
  /** HTTP status; 0 = no connection. */
  readonly status: number;
  readonly body: string;
  readonly triggerId: string;
  readonly responseUrl: string | null;
  readonly ms: number;
};

export type StandInEvent =
  | { readonly kind: 'message'; readonly message: StandInMessage; readonly change: 'new' | 'edited' | 'deleted' }
  | { readonly kind: 'view'; readonly view: StandInView; readonly change: 'opened' | 'updated' | 'closed' };

/** A failure to inject. `method` = a Web API method or `response_url`; each fault is used `times` times (default 1). */
export type Fault = {
  readonly method: string;
  readonly times?: number;
  readonly answer:
    | { readonly kind: 'rate-limited'; readonly retryAfterSeconds: number }
    | { readonly kind: 'status'; readonly status: number }
    | { readonly kind: 'error'; readonly error: string }
    /** Never answers, so that the caller's own time limit has to end it. */
    | { readonly kind: 'silence' };
};

/** One call the bot made to us. */
export type ApiCall = {
  readonly method: string;
  readonly body: JsonObject;
  /** The HTTP status we gave back. */
  readonly status: number;
};

export type StandInOptions = {
  /** 0 or absent = any free port. Always on 127.0.0.1. */
  readonly port?: number;
  readonly botToken: string;
  readonly signingSecret: string;
  /** Names; `ecs-advise` itself is added. */
  readonly users: readonly string[];
  readonly channels: readonly string[];
  readonly groups?: readonly Group[];
  /** Scopes of the bot token; the emulator refuses calls outside them. */
  readonly scopes?: readonly string[];
  /** Judges each message and view the bot sends; what it finds ends up in `violations`. */
  readonly check?: (payload: JsonObject, surface: 'message' | 'modal' | 'home') => readonly string[];
  /** Answers every path that is not `/api/…` or `/hook/…` (the demo page). */
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Where the bot listens (`http://127.0.0.1:PORT`); may be set later with `setBotUrl`. */
  readonly botUrl?: string;
};

export type SendOptions = {
  /** Sends the same request again, as Slack does when it got no answer. */
  readonly retryNum?: number;
  /** Seconds added to the timestamp in the signature. */
  readonly clockSkewSeconds?: number;
  /** Signs with another secret. */
  readonly signingSecret?: string;
};

export type CommandInput = { readonly user: string; readonly channel: string; readonly text: string };
export type ClickInput = {
  readonly user: string;
  readonly message: StandInMessage;
  /** The button's action_id. */
  readonly actionId: string;
  /** What a forger writes over the button's value or the workspace. */
  readonly forged?: { readonly value?: string; readonly team?: string; readonly userId?: string };
};
export type SubmitInput = {
  readonly user: string;
  readonly view: StandInView;
  /** `block_id` -> `action_id` -> element state, as Slack sends it (`{type, value}` or `{type, selected_option}` …). */
  readonly values: { readonly [blockId: string]: { readonly [actionId: string]: JsonObject } };
};

export type StandIn = {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** What the bot gets as SLACK_API_URL. */
  readonly apiUrl: string;
  readonly people: readonly Person[];
  readonly rooms: readonly Channel[];
  /** Makes a user group, or changes who is in it. */
  readonly setGroup: (group: Group) => void;
  /** An administrator takes a message away. */
  readonly deleteMessage: (message: StandInMessage) => Promise<void>;
  readonly setBotUrl: (url: string) => void;
  /** Types `/ecs-advise TEXT` as `user` in `channel`. Escapes the text and turns `@name` and `#channel` into ids as Slack does. */
  readonly sendCommand: (input: CommandInput, options?: SendOptions) => Promise<Delivery>;
  readonly click: (input: ClickInput, options?: SendOptions) => Promise<Delivery>;
  /** Submits a modal. An answer with errors leaves it open; anything else closes or updates it. */
  readonly submitView: (input: SubmitInput, options?: SendOptions) => Promise<Delivery>;
  /** Closes a modal without sending it. */
  readonly closeView: (view: StandInView) => void;
  /** The user opens the app's Home tab. */
  readonly openHome: (user: string, options?: SendOptions) => Promise<Delivery>;
  /** Sends any body, signed, to the bot. */
  readonly sendRaw: (
    body: string,
    contentType: 'application/x-www-form-urlencoded' | 'application/json',
    options?: SendOptions,
  ) => Promise<Delivery>;
  /** The channel as `user` sees it, oldest first. */
  readonly messages: (channel: string, user: string) => readonly StandInMessage[];
  /** Open modals of a user, the top one last; and the Home tab when it was published. */
  readonly views: (user: string) => readonly StandInView[];
  /** Adds a fault to the queue. */
  readonly addFault: (fault: Fault) => void;
  /** Every call of the bot, oldest first. */
  readonly calls: readonly ApiCall[];
  /** What `check` found, one line each. */
  readonly violations: readonly string[];
  /** Ages every response_url by so many milliseconds (they live 30 minutes). */
  readonly ageHooks: (ms: number) => void;
  readonly on: (listener: (event: StandInEvent) => void) => () => void;
  readonly close: () => Promise<void>;
};
