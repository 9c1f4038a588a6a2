#!/bin/sh
# One would expect noVNC's `disconnect` event to carry `clean: false` when the connection is cut:
# its API document says that `clean` is false "in the event of an unexpected termination".
#
# Once the session is up, every end of the WebSocket counts as clean: the server's proper goodbye
# (code 1000), a proxy that restarts (1001), an error of the server (1011), a pulled cable (1006).
# The event holds neither the code nor the reason. Only a cut before the session is up, or an error
# that noVNC itself finds in the protocol, gives `clean: false`.
#
# Seen with @novnc/novnc 1.7.0, jsdom 27.0.1 as the page and a scripted VNC server as the channel.
#
# Why it matters: a console page that reconnects only after an unclean end never reconnects to a
# machine that was migrated or whose proxy was restarted, and shows "disconnected" as if the user
# had asked for it.
#
# What to do instead: open the WebSocket yourself, listen to its `close` event for the code and the
# reason, and hand the socket to `new RFB(element, socket)`; or note your own calls of
# `rfb.disconnect()` and take every other end for a lost connection.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund @novnc/novnc@1.7.0 jsdom@27.0.1

cat > try.js <<'JS'
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('<div></div>');
const drawing = new Proxy({}, { get: () => () => ({}), set: () => true });
window.HTMLCanvasElement.prototype.getContext = () => drawing;
window.HTMLCanvasElement.prototype.toDataURL = () => '';
for (const name of ['document', 'CustomEvent', 'MutationObserver', 'Image', 'WebSocket']) globalThis[name] = window[name];
globalThis.window = window;
Object.defineProperty(globalThis, 'navigator', { value: window.navigator, configurable: true });
globalThis.ResizeObserver = class { observe() {} disconnect() {} };
globalThis.ImageData = class {};
const { default: RFB } = await import('@novnc/novnc');

class Channel {
  binaryType = 'arraybuffer'; protocol = ''; readyState = 'open';
  onopen = null; onmessage = null; onerror = null; onclose = null;
  send() {}
  close() {}
  say(...bytes) { this.onmessage({ data: Uint8Array.from(bytes).buffer }); }
}
const turn = () => new Promise((resolve) => setTimeout(resolve, 20));
const version = Buffer.from('RFB 003.008\n');
// A screen of 64 × 64 points, 32 bits each, called "vm".
const screen = [0, 64, 0, 64, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0, 0, 0, 0, 2, 118, 109];

async function endOf(close, { connected }) {
  const channel = new Channel();
  const rfb = new RFB(window.document.querySelector('div'), channel);
  const events = [];
  for (const name of ['connect', 'disconnect']) rfb.addEventListener(name, (event) => events.push([name, event.detail]));
  await turn();
  channel.say(...version);
  if (connected) { channel.say(1, 1); channel.say(0, 0, 0, 0); channel.say(...screen); }
  await turn();
  channel.onclose(close);
  await turn();
  console.log(`connected: ${connected}, closed with ${close.code}: ${JSON.stringify(events)}`);
  return events;
}

const own = JSON.parse(readFileSync('node_modules/@novnc/novnc/package.json', 'utf8'));
console.log(`noVNC ${own.version}`);
for (const code of [1000, 1001, 1006, 1011])
  assert.deepEqual(await endOf({ code, wasClean: code !== 1006, reason: 'why' }, { connected: true }), [['connect', {}], ['disconnect', { clean: true }]]);
assert.deepEqual(await endOf({ code: 1006 }, { connected: false }), [['disconnect', { clean: false }]]);
process.exit(0);
JS
node try.js > seen 2> notes || { cat seen notes; exit 1; }
cat seen
