import { isObject, type Json, list, type Names, renderBlock, str, textOf } from './blocks.ts';
import { type Html, html } from './html.ts';

/** What the page sends back for one field: the raw values of its control, none when it is empty. */
export type FieldAnswer = { readonly block: string; readonly action: string; readonly values: readonly string[] };

/** A modal as one HTML form. Fields carry `data-block` and `data-action`; each has an empty place for its error. */
export function renderView(id: string, view: Json, names: Names): Html {
  const submit = textOf(view.submit);
  const parts = list(view.blocks).map((block, i) =>
    block.type === 'input' ? renderInput(block, `${id}-${i}`) : renderBlock(block, names),
  );
  return html`<form class="view" data-view="${id}" novalidate aria-labelledby="${id}-title"><header><h2 id="${id}-title">${textOf(
    view.title,
  )}</h2><button type="button" class="close" data-dismiss aria-label="Close">×</button></header><div class="fields">${parts}</div><footer><p class="form-error" role="alert"></p><button type="button" class="button plain" data-dismiss>${
    textOf(view.close) || 'Cancel'
  }</button>${
    submit === '' ? null : html`<button type="submit" class="button primary">${submit}</button>`
  }</footer></form>`;
}

/** The `state` object of a view submission, in the shape each kind of input has in a real payload. */
export function stateOf(view: Json, answers: readonly FieldAnswer[]): Json {
  const values: Record<string, Record<string, Json>> = {};
  for (const block of list(view.blocks)) {
    const element = block.element;
    if (block.type !== 'input' || !isObject(element)) continue;
    const blockId = str(block.block_id);
    const actionId = str(element.action_id);
    const given = answers.find((answer) => answer.block === blockId && answer.action === actionId)?.values ?? [];
    values[blockId] = { ...values[blockId], [actionId]: inputState(element, given) };
  }
  return { values };
}

function inputState(element: Json, given: readonly string[]): Json {
  const type = str(element.type);
  const first = given[0] === undefined || given[0] === '' ? null : given[0];
  const chosen = optionsOf(element).filter((option) => given.includes(str(option.value)));
  switch (type) {
    case 'static_select':
    case 'radio_buttons':
      return { type, selected_option: chosen[0] ?? null };
    case 'multi_static_select':
    case 'checkboxes':
      return { type, selected_options: chosen };
    case 'datepicker':
      return { type, selected_date: first };
    case 'timepicker':
      return { type, selected_time: first };
    default:
      return { type, value: first };
  }
}

function optionsOf(element: Json): readonly Json[] {
  return [...list(element.options), ...list(element.option_groups).flatMap((group) => list(group.options))];
}

function renderInput(block: Json, id: string): Html {
  const element = isObject(block.element) ? block.element : {};
  const label = textOf(block.label);
  const hint = textOf(block.hint);
  const many = ['checkboxes', 'multi_static_select', 'radio_buttons'].includes(str(element.type));
  const optional = block.optional === true ? html` <span class="optional">optional</span>` : null;
  const notes = html`${hint === '' ? null : html`<p class="hint" id="${id}-hint">${hint}</p>`}<p class="error" id="${id}-error" role="alert"></p>`;
  const wires = html`class="field" data-block="${str(block.block_id)}" data-action="${str(element.action_id)}"`;
  return many
    ? html`<fieldset ${wires}><legend>${label}${optional}</legend>${renderChoices(element, id)}${notes}</fieldset>`
    : html`<div ${wires}><label for="${id}">${label}${optional}</label>${renderSingle(element, id)}${notes}</div>`;
}

function renderChoices(element: Json, id: string): Html {
  const type = element.type === 'radio_buttons' ? 'radio' : 'checkbox';
  const initial = isObject(element.initial_option)
    ? [str(element.initial_option.value)]
    : list(element.initial_options).map((option) => str(option.value));
  return html`<div class="choices">${optionsOf(element).map(
    (option) =>
      html`<label class="choice"><input type="${type}" name="${id}" value="${str(option.value)}"${
        initial.includes(str(option.value)) ? html` checked` : null
      }><span>${textOf(option.text)}</span></label>`,
  )}</div>`;
}

function renderSingle(element: Json, id: string): Html {
  const described = html`id="${id}" name="${id}" aria-describedby="${id}-hint ${id}-error"`;
  if (element.type === 'static_select') return renderSelect(element, described);
  const placeholder = html` placeholder="${textOf(element.placeholder)}"`;
  const value = str(element.initial_value) || str(element.initial_date) || str(element.initial_time);
  if (element.multiline === true) return html`<textarea ${described}${placeholder} rows="3">${value}</textarea>`;
  // Numbers are text here: a number input would hide a wrong value from the bot, and its error is worth seeing.
  const type = { datepicker: 'date', timepicker: 'time' }[str(element.type)] ?? 'text';
  return html`<input type="${type}" ${described}${placeholder} value="${value}" autocomplete="off"${
    element.type === 'number_input' ? html` inputmode="decimal"` : null
  }${element.focus_on_load === true ? html` autofocus` : null}>`;
}

function renderSelect(element: Json, described: Html): Html {
  const initial = isObject(element.initial_option) ? str(element.initial_option.value) : null;
  const one = (option: Json): Html =>
    html`<option value="${str(option.value)}"${str(option.value) === initial ? html` selected` : null}>${textOf(option.text)}</option>`;
  const groups = list(element.option_groups).map(
    (group) => html`<optgroup label="${textOf(group.label)}">${list(group.options).map(one)}</optgroup>`,
  );
  const empty = initial === null ? html`<option value="">${textOf(element.placeholder) || 'Choose…'}</option>` : null;
  return html`<select ${described}>${empty}${list(element.options).map(one)}${groups}</select>`;
}
