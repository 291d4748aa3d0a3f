import { CHANNELS, PEOPLE, TRY_THESE } from '../workspace.ts';
import { html } from './html.ts';

/** The page around the messages. Works at 420 px: the side bar becomes two pickers and a strip of questions. */
export function renderShell(): string {
  const channels = CHANNELS.map(
    ({ id, name }) =>
      html`<li><button type="button" data-channel="${id}"><span aria-hidden="true">#</span>${name}<span class="unread" hidden>new</span></button></li>`,
  );
  const people = PEOPLE.map(({ id, name, role }) => html`<option value="${id}">${name}, ${role}</option>`);
  const questions = TRY_THESE.map(
    ({ label, text }) => html`<li><button type="button" data-try="${text}" title="${text}">${label}</button></li>`,
  );
  const topics = CHANNELS.map(({ id, name, topic }) => ({ id, name, topic }));
  return `<!doctype html>${
    html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>ecs-advise, local demo</title>
<link rel="icon" href="/static/icon.svg"><link rel="stylesheet" href="/static/page.css"><link rel="stylesheet" href="/static/blocks.css">
<script type="module" src="/static/app.js"></script><script type="module" src="/static/clock.js"></script></head>
<body data-channels="${JSON.stringify(topics)}">
<p class="banner"><strong>This is a local stand-in, not Slack.</strong> The bot behind it is the real one; nothing leaves this computer.
<span class="clock" id="clock" hidden><time></time> <button type="button" data-hours="1">+1 hour</button><button type="button" data-hours="24">+1 day</button><button type="button" data-hours="168">+1 week</button> <output></output></span></p>
<div class="frame">
<nav class="side" aria-label="Workspace">
<h1><img src="/static/icon.svg" alt="" width="26" height="26">Flower Works</h1>
<section class="channels"><h2>Channels</h2><ul>${channels}</ul></section>
<section class="try"><h2 id="try-title">Try these</h2><ul aria-labelledby="try-title">${questions}</ul></section>
<section class="who"><label for="user">You are</label><select id="user">${people}</select><p>Switch to see what others see.</p></section>
</nav>
<main>
<header class="top"><h2 id="channel-name"></h2><p id="channel-topic"></p></header>
<div class="timeline" id="timeline" role="log" aria-live="polite" aria-labelledby="channel-name" tabindex="0"></div>
<form class="composer" id="composer" autocomplete="off">
<div class="suggest" id="suggest" role="listbox" aria-label="Completions" hidden></div>
<label class="visually-hidden" for="text">Message or command</label>
<input id="text" role="combobox" aria-expanded="false" aria-controls="suggest" aria-autocomplete="list" placeholder="Type /ecs-advise and a question" spellcheck="false" maxlength="6000">
<button class="button primary" type="submit">Send</button>
</form>
<p class="keys" id="keys">Type <kbd>/</kbd> for commands, <kbd>Tab</kbd> to complete, <kbd>↑</kbd> for your last one</p>
</main></div>
<dialog id="dialog"></dialog><dialog id="confirm" role="alertdialog" aria-labelledby="confirm-title"></dialog>
</body></html>`.html
  }`;
}
