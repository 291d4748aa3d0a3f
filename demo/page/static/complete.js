/** Completion of the command line, from the bot's own table of commands. */

const SLASH = '/ecs-advise';

/**
 * What can stand at the end of `text`: a list of `{insert, label, note}`, where `insert` is the whole new line.
 * Empty for ordinary messages and when the last word is complete.
 */
export function completions(text, commands) {
  if (!text.startsWith('/')) return [];
  if (!text.includes(' ')) {
    return SLASH.startsWith(text)
      ? [{ insert: `${SLASH} `, label: SLASH, note: 'ask where containers should run' }]
      : [];
  }
  if (!text.startsWith(`${SLASH} `)) return [];
  const words = text.slice(SLASH.length + 1).split(/\s+/);
  const last = words.at(-1) ?? '';
  const before = text.slice(0, text.length - last.length);
  if (words.length === 1) return verbs(commands, last, before);
  const command = commands.find((one) => one.name === words[0]);
  if (command === undefined) return [];
  if (words.length === 2 && last === '' && command.examples.length > 0)
    return [...examples(command), ...flags(command, words, before)];
  return last === '' || last.startsWith('-') ? flags(command, words, before) : [];
}

function verbs(commands, last, before) {
  return commands
    .filter(({ name }) => name.startsWith(last) && name !== last)
    .map(({ name, summary }) => ({ insert: `${before}${name} `, label: name, note: summary }));
}

function examples(command) {
  return command.examples
    .slice(0, 2)
    .map((example) => ({ insert: `${SLASH} ${example}`, label: example, note: 'example' }));
}

function flags(command, words, before) {
  const last = words.at(-1) ?? '';
  const used = new Set(words.slice(0, -1).map((word) => word.split('=')[0]));
  const previous = command.flags.find(({ flag }) => flag === words.at(-2));
  if (previous !== undefined && previous.value !== null && last === '') {
    return [{ insert: null, label: `${previous.flag} ${previous.value}`, note: previous.text }];
  }
  return command.flags
    .filter(({ flag }) => flag.startsWith(last) && !used.has(flag) && flag !== last)
    .map(({ flag, value, text }) => ({
      insert: `${before}${flag} `,
      label: value === null ? flag : `${flag} ${value}`,
      note: text,
    }));
}

/** Wires the list to the input. `commands()` gives the table; accepting an entry rewrites the line. */
export function attachCompletion(input, listbox, commands) {
  let entries = [];
  let selected = -1;
  const close = () => {
    entries = [];
    selected = -1;
    listbox.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };
  const mark = () => {
    for (const [i, option] of [...listbox.children].entries()) {
      option.setAttribute('aria-selected', String(i === selected));
      if (i === selected) option.scrollIntoView({ block: 'nearest' });
    }
    if (selected >= 0) input.setAttribute('aria-activedescendant', `suggest-${selected}`);
    else input.removeAttribute('aria-activedescendant');
  };
  const accept = (i) => {
    const entry = entries[i];
    if (entry === undefined || entry.insert === null) return;
    input.value = entry.insert;
    input.focus();
    open();
  };
  const open = () => {
    entries = completions(input.value, commands());
    selected = -1;
    if (entries.length === 0) return close();
    listbox.replaceChildren(...entries.map((entry, i) => optionOf(entry, i, () => accept(i))));
    listbox.hidden = false;
    listbox.scrollTop = 0;
    input.setAttribute('aria-expanded', 'true');
  };
  input.addEventListener('input', open);
  input.addEventListener('blur', close);
  return {
    close,
    /** True when the key was used up here. */
    key(event) {
      if (entries.length === 0) return false;
      if (event.key === 'Escape') close();
      else if (event.key === 'Tab' && !event.shiftKey) accept(selected < 0 ? 0 : selected);
      else if (event.key === 'Enter' && selected >= 0) accept(selected);
      else if (event.key === 'ArrowDown') selected = (selected + 1) % entries.length;
      else if (event.key === 'ArrowUp') selected = selected <= 0 ? entries.length - 1 : selected - 1;
      else return false;
      mark();
      return true;
    },
  };
}

function optionOf(entry, i, accept) {
  const option = document.createElement('div');
  option.id = `suggest-${i}`;
  option.setAttribute('role', 'option');
  option.setAttribute('aria-selected', 'false');
  const label = document.createElement('code');
  label.textContent = entry.label;
  const note = document.createElement('span');
  note.textContent = entry.note;
  option.append(label, note);
  // Before blur, so that the input keeps the focus.
  option.addEventListener('mousedown', (event) => {
    event.preventDefault();
    accept();
  });
  return option;
}
