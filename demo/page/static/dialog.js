/** The two dialogs of the page: the bot's modal, and the question before a button that asks first. */

const modal = /** @type {HTMLDialogElement} */ (document.getElementById('dialog'));
const confirmBox = /** @type {HTMLDialogElement} */ (document.getElementById('confirm'));
let handlers = { submit: async (_view, _answers) => ({}), dismiss: (_view) => {} };

/** Says who handles a submit (answers with `{errors}` or `{error}` or neither) and a dismissal. */
export function onView(given) {
  handlers = given;
}

/** Shows the view; the same place is used when the bot replaces it. */
export function showView(html) {
  modal.innerHTML = html;
  if (!modal.open) modal.showModal();
  const first = modal.querySelector('[autofocus], input, select, textarea');
  if (first instanceof HTMLElement) first.focus();
}

export function hideView() {
  if (modal.open) modal.close();
  modal.replaceChildren();
}

function currentView() {
  return modal.querySelector('form')?.dataset.view ?? null;
}

function dismiss() {
  const view = currentView();
  hideView();
  if (view !== null) handlers.dismiss(view);
}

function answersOf(form) {
  return [...form.querySelectorAll('.field')].map((field) => ({
    block: field.dataset.block,
    action: field.dataset.action,
    values: [...field.querySelectorAll('input, select, textarea')]
      .filter((control) => !['checkbox', 'radio'].includes(control.type) || control.checked)
      .map((control) => control.value),
  }));
}

function showErrors(form, errors) {
  for (const field of form.querySelectorAll('.field')) {
    const message = errors[field.dataset.block] ?? '';
    field.classList.toggle('wrong', message !== '');
    field.querySelector('.error').textContent = message;
    const control = field.querySelector('input, select, textarea');
    if (message === '') control?.removeAttribute('aria-invalid');
    else control?.setAttribute('aria-invalid', 'true');
  }
  form.querySelector('.wrong input, .wrong select, .wrong textarea')?.focus();
}

modal.addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector('[type="submit"]');
  if (button.getAttribute('aria-busy') === 'true') return;
  button.setAttribute('aria-busy', 'true');
  showErrors(form, {});
  form.querySelector('.form-error').textContent = '';
  const outcome = await handlers.submit(form.dataset.view, answersOf(form));
  button.removeAttribute('aria-busy');
  showErrors(form, outcome.errors ?? {});
  form.querySelector('.form-error').textContent = outcome.error ?? '';
});
modal.addEventListener('click', (event) => {
  if (event.target.closest('[data-dismiss]')) dismiss();
});
modal.addEventListener('cancel', (event) => {
  event.preventDefault();
  dismiss();
});

/** Asks first when the button wants it. Resolves to true when the answer is yes, or when there was no question. */
export function confirmed(words) {
  if (words === undefined) return Promise.resolve(true);
  const { title, text, confirm, deny, danger } = JSON.parse(words);
  const make = (tag, content, attributes = {}) => {
    const element = document.createElement(tag);
    element.textContent = content;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const no = make('button', deny || 'Cancel', { type: 'button', class: 'button plain' });
  const yes = make('button', confirm || 'OK', { type: 'button', class: `button ${danger ? 'danger' : 'primary'}` });
  const row = document.createElement('div');
  row.append(no, yes);
  confirmBox.replaceChildren(make('h2', title, { id: 'confirm-title' }), make('p', text), row);
  return new Promise((resolve) => {
    const finish = (answer) => {
      confirmBox.close();
      resolve(answer);
    };
    no.onclick = () => finish(false);
    yes.onclick = () => finish(true);
    confirmBox.oncancel = (event) => {
      event.preventDefault();
      finish(false);
    };
    confirmBox.showModal();
    yes.focus();
  });
}
