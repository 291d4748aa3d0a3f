import { attachCompletion } from './complete.js';
import { confirmed, hideView, onView, showView } from './dialog.js';

const byId = (id) => document.getElementById(id);
const timeline = byId('timeline');
const input = byId('text');
const picker = byId('user');
const channels = JSON.parse(document.body.dataset.channels);
const params = new URLSearchParams(location.hash.slice(1));
const sent = [];
let recall = 0;
let commands = [];
let source = null;
let channel = channels.find(({ name }) => name === params.get('channel'))?.id ?? channels[0].id;
if ([...picker.options].some(({ value }) => value === params.get('user'))) picker.value = params.get('user');

async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: picker.value, channel, ...body }),
    });
    return await answer.json();
  } catch {
    return { error: 'The demo does not answer. Is it still running?' };
  }
}

function atEnd() {
  return timeline.scrollHeight - timeline.scrollTop - timeline.clientHeight < 120;
}

/**
 * Scrolls to a new item, with the question above it when both fit. What is taller than the screen is shown from its
 * start: the answer is its first line.
 */
function reveal(item) {
  const question = item.previousElementSibling;
  const first = question?.dataset.from === 'person' && item.dataset.from === 'bot' ? question : item;
  const height = item.offsetTop + item.offsetHeight - first.offsetTop;
  const fits = height <= timeline.clientHeight || (first !== item && item.offsetHeight <= timeline.clientHeight - 24);
  if (fits) item.scrollIntoView({ block: 'end' });
  else first.scrollIntoView({ block: 'start' });
}

/** Puts one item in its place; the same id again replaces it. */
function place({ id, order, html }) {
  const box = document.createElement('template');
  box.innerHTML = html;
  const item = box.content.firstElementChild;
  item.dataset.id = id;
  item.dataset.order = String(order);
  const old = [...timeline.children].find((one) => one.dataset.id === id);
  if (old !== undefined) {
    old.replaceWith(item);
    return item;
  }
  timeline.querySelector('.empty')?.remove();
  if (item.dataset.from === 'bot') working(false);
  const next = [...timeline.children].find((one) => Number(one.dataset.order ?? Infinity) > order);
  timeline.insertBefore(item, next ?? null);
  return item;
}

function working(on) {
  timeline.querySelector('.working')?.remove();
  if (!on) return;
  const line = document.createElement('p');
  line.className = 'working';
  line.textContent = 'ecs-advise is working…';
  timeline.append(line);
  if (atEnd()) line.scrollIntoView({ block: 'end' });
}

function showEmpty() {
  const box = document.createElement('div');
  box.className = 'empty';
  const icon = new Image(44, 44);
  icon.src = '/static/icon.svg';
  icon.alt = '';
  const title = document.createElement('h3');
  title.textContent = 'Ask where your containers should run';
  const text = document.createElement('p');
  text.textContent =
    'Pick one of the questions on the left, or type /ecs-advise capacity and describe your task. Answers come to you alone, until you share them.';
  box.append(icon, title, text);
  timeline.append(box);
}

async function load() {
  const user = picker.value;
  const shown = channels.find(({ id }) => id === channel);
  byId('channel-name').textContent = `# ${shown.name}`;
  byId('channel-topic').textContent = shown.topic;
  history.replaceState(null, '', `#channel=${shown.name}&user=${user}`);
  for (const button of document.querySelectorAll('[data-channel]')) {
    const here = button.dataset.channel === channel;
    button.setAttribute('aria-current', String(here));
    if (here) button.querySelector('.unread').hidden = true;
  }
  source?.close();
  hideView();
  const answer = await fetch(`/history?user=${user}&channel=${channel}`);
  const { items, view } = await answer.json();
  if (user !== picker.value) return;
  timeline.replaceChildren();
  for (const item of items) place(item);
  if (items.length === 0) showEmpty();
  const last = timeline.lastElementChild;
  if (items.length > 0 && last !== null) reveal(last);
  if (view !== null) showView(view);
  listen(user);
}

function listen(user) {
  source = new EventSource(`/events?user=${user}`);
  source.addEventListener('item', ({ data }) => {
    const item = JSON.parse(data);
    if (item.channel !== channel) {
      const button = document.querySelector(`[data-channel="${item.channel}"]`);
      if (button !== null) button.querySelector('.unread').hidden = false;
      return;
    }
    const follow = atEnd() || item.mine;
    const placed = place(item);
    if (follow) reveal(placed);
  });
  source.addEventListener('remove', ({ data }) => {
    const { id } = JSON.parse(data);
    [...timeline.children].find((one) => one.dataset.id === id)?.remove();
  });
  source.addEventListener('view', ({ data }) => {
    const { html } = JSON.parse(data);
    working(false);
    if (html === null) hideView();
    else showView(html);
  });
}

async function send(text) {
  if (text.trim() === '') return;
  sent.push(text);
  recall = sent.length;
  input.value = '';
  completion.close();
  if (text.startsWith('/')) working(true);
  const { error } = await post('/say', { text });
  if (error !== undefined) {
    working(false);
    place({
      id: `error-${Date.now()}`,
      order: Infinity,
      html: '<p class="message notice"><span></span><span class="text"></span></p>',
    }).querySelector('.text').textContent = error;
  }
}

const completion = attachCompletion(input, byId('suggest'), () => commands);

byId('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  send(input.value);
});
input.addEventListener('keydown', (event) => {
  const usedUp = completion.key(event);
  if (usedUp) event.preventDefault();
  else if (event.key === 'ArrowUp' && input.value === (sent[recall] ?? '') && recall > 0) {
    event.preventDefault();
    recall -= 1;
    input.value = sent[recall] ?? '';
  }
});
picker.addEventListener('change', load);
document.addEventListener('click', async (event) => {
  const target = event.target.closest('button');
  if (target === null) return;
  if (target.dataset.channel !== undefined) {
    channel = target.dataset.channel;
    load();
  } else if (target.dataset.try !== undefined) {
    input.value = target.dataset.try;
    send(input.value);
  } else if (target.dataset.action !== undefined) press(target, {});
});
document.addEventListener('change', (event) => {
  const target = event.target;
  if (target instanceof HTMLSelectElement && target.dataset.action !== undefined && target.value !== '') {
    press(target, { option: target.value });
  }
});

async function press(control, extra) {
  const place = control.closest('[data-id], [data-view]');
  if (place === null || control.getAttribute('aria-busy') === 'true') return;
  if (!(await confirmed(control.dataset.confirm))) return;
  control.setAttribute('aria-busy', 'true');
  await post('/click', {
    item: place.dataset.id ?? null,
    view: place.dataset.view ?? null,
    block: control.dataset.block,
    action: control.dataset.action,
    ...extra,
  });
  control.removeAttribute('aria-busy');
}

onView({
  submit: (view, answers) => post('/submit', { view, answers }),
  dismiss: (view) => post('/dismiss', { view }),
});

commands = await (await fetch('/commands')).json();
await load();
input.focus();
