// The inbox page. Messages come only from the stream, and go into the page only as text.

const phones = document.querySelector('#phones');
const waiting = document.querySelector('#waiting');
const emptyButton = document.querySelector('#empty');
const connection = document.querySelector('#connection');
const news = document.querySelector('#news');

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** The text as a voice reads it, with the code character by character. */
function spoken({ text, pin }) {
  return `“${text.replaceAll(pin, () => [...pin].join('\u00a0'))}”`;
}

function codeButton(pin) {
  const label = element('span', {}, 'Copy');
  const button = element('button', { type: 'button', class: 'code', 'aria-label': `Copy code ${pin}` });
  button.append(element('span', {}, pin), label);
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(pin);
      label.textContent = 'Copied';
      news.textContent = 'Code copied.';
    } catch {
      getSelection()?.selectAllChildren(button.firstElementChild);
      label.textContent = 'Selected';
    }
    setTimeout(() => {
      label.textContent = 'Copy';
    }, 2000);
  });
  return button;
}

function messageItem(message) {
  const isCall = message.channel === 'voice';
  const arrived = new Date(message.at);
  const about = element(
    'div',
    { class: 'about' },
    element('span', { class: 'channel', 'data-channel': message.channel }, isCall ? 'Call' : 'SMS'),
    element('span', {}, message.from),
    element('time', { datetime: message.at, title: arrived.toLocaleString() }, arrived.toLocaleTimeString()),
  );
  const bubble = element('p', { class: 'bubble' }, isCall ? spoken(message) : message.text);
  const item = element('li', { 'data-id': message.id, 'data-channel': message.channel }, about, bubble);
  if (message.repeatDTMF) item.append(element('p', { class: 'hint' }, `Press ${message.repeatDTMF} to hear it again.`));
  item.append(codeButton(message.pin));
  return item;
}

/** Adds a message to its number's phone, and brings that phone to the front. */
function show(message) {
  let phone = phones.querySelector(`[data-to="${CSS.escape(message.to)}"]`);
  if (!phone) {
    const heading = element('h2', {}, message.number);
    phone = element('section', { class: 'phone', 'data-to': message.to }, heading, element('ol', {}));
  }
  phone.querySelector('ol').prepend(messageItem(message));
  if (phones.firstElementChild !== phone) phones.prepend(phone);
  showWhetherEmpty();
}

function showWhetherEmpty() {
  const isEmpty = phones.childElementCount === 0;
  waiting.hidden = !isEmpty;
  emptyButton.hidden = isEmpty;
}

function showConnection(state, text) {
  connection.dataset.state = state;
  connection.textContent = text;
}

const events = new EventSource('/inbox/events');

events.addEventListener('open', () => showConnection('live', 'Live'));
events.addEventListener('error', () => showConnection('lost', 'Not connected to the simulator. Trying again…'));

events.addEventListener('snapshot', ({ data }) => {
  phones.replaceChildren();
  for (const message of JSON.parse(data)) show(message);
  showWhetherEmpty();
});

events.addEventListener('message', ({ data }) => {
  const message = JSON.parse(data);
  show(message);
  news.textContent = `${message.channel === 'voice' ? 'Call' : 'SMS'} to ${message.number}`;
});

emptyButton.addEventListener('click', () => fetch('/inbox/messages', { method: 'DELETE' }));
