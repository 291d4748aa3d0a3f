/** The demo's clock in the banner, where the demo has one that can be moved. */
const place = document.querySelector('#clock');
const label = place.querySelector('time');
const note = place.querySelector('output');
const buttons = [...place.querySelectorAll('button')];

function show({ now }) {
  label.dateTime = now;
  label.textContent = `${new Date(now).toUTCString().slice(0, 22)} UTC`;
}

async function read() {
  const answer = await fetch('/control/clock');
  if (!answer.ok) return;
  show(await answer.json());
  place.hidden = false;
}

async function advance(hours) {
  for (const button of buttons) button.disabled = true;
  note.textContent = 'moving, then scanning …';
  const answer = await fetch('/control/clock', { method: 'POST', body: JSON.stringify({ advanceHours: hours }) });
  const body = await answer.json();
  note.textContent = body.error ?? '';
  if (answer.ok) show(body);
  for (const button of buttons) button.disabled = false;
}

for (const button of buttons) button.addEventListener('click', () => advance(Number(button.dataset.hours)));
await read();
setInterval(read, 30_000);
