import type { StandInMessage } from '../slack/stand-in.ts';
import { PEOPLE } from '../workspace.ts';
import { type Json, type Names, renderBlocks } from './blocks.ts';
import { type Html, html } from './html.ts';

/** One message of the timeline as HTML; what only one person sees says so. */
export function renderItem(message: StandInMessage, names: Names): Html {
  const { from, onlyFor, edited } = message;
  const user = from === 'bot' ? null : from.user;
  const place = PEOPLE.findIndex(({ name }) => name === user);
  const avatar =
    user === null
      ? html`<span class="avatar"><img src="/static/icon.svg" alt=""></span>`
      : html`<span class="avatar p${Math.max(0, place)}" aria-hidden="true">${user.charAt(0).toUpperCase()}</span>`;
  const badge = user === null ? html`<span class="badge">App</span>` : null;
  const only =
    onlyFor === null
      ? null
      : html`<span class="only-you">${message.isDirect === true ? 'In your direct messages with ecs-advise' : 'Only visible to you'}</span>`;
  const body =
    message.file !== undefined
      ? null
      : user === null
        ? html`<div class="blocks">${renderBlocks(message.blocks as readonly Json[], message.text, names)}</div>`
        : html`<p class="typed">${message.text}</p>`;
  const attached =
    message.file === undefined
      ? null
      : html`<p class="file"><a download="${message.file.name}" href="data:text/plain;charset=utf-8,${encodeURIComponent(
          message.file.text,
        )}">📎 ${message.file.name}</a> <span class="edited">in your direct messages with ecs-advise</span></p>`;
  const note = edited ? html` <span class="edited">(edited)</span>` : null;
  return html`<article class="message ${onlyFor === null ? '' : 'private'}" data-from="${user === null ? 'bot' : 'person'}">${avatar}<div><header><b>${
    user ?? 'ecs-advise'
  }</b>${badge}<time>${clock(message.ts)}</time>${note}${only}</header>${body}${attached}</div></article>`;
}

/** `1795521521.789000` -> the time of day in UTC. */
function clock(ts: string): string {
  return `${new Date(Number(ts) * 1000).toISOString().slice(11, 16)} UTC`;
}
