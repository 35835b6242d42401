// node engine_peer.mjs FORM chain|blocks: the lines of engine.c, with @getodk/xforms-engine.
import { readFileSync } from 'node:fs';
import { JSDOM } from 'jsdom';

const dom = new JSDOM('<!doctype html><html><body></body></html>', { url: 'http://localhost/' });
const wanted = /^(XML|DOM|Node|Element|Attr|Text|Comment|Document|CDATA|Processing|XPath|HTML|Window|Event|NamedNodeMap|CharacterData|localStorage|document|Storage)/;
for (const name of Object.getOwnPropertyNames(dom.window)) {
  if (!wanted.test(name) || (name === 'Event' && name in globalThis)) continue;
  try {
    Object.defineProperty(globalThis, name, { value: dom.window[name], configurable: true, writable: true });
  } catch {
    // A global that may not be replaced is good as it is.
  }
}
globalThis.window = dom.window;
globalThis.File ??= dom.window.File;
globalThis.__dirname = '/'; // the bundled parser reads it, and modules have none

const { loadForm } = await import('@getodk/xforms-engine');
const [, , file, kind] = process.argv;
const xml = readFileSync(file, 'utf8');
const line = (name, ms) => console.log(`${name} ${ms.toFixed(4)}`);
const timed = (work) => {
  const start = performance.now();
  work();
  return performance.now() - start;
};
const mean = (times) => times.reduce((a, b) => a + b, 0) / times.length;

let start = performance.now();
const form = await loadForm(xml, { fetchFormAttachment: async () => { throw new Error('none'); } });
line('load', performance.now() - start);
start = performance.now();
const { root } = form.createInstance();
line('create', performance.now() - start);

const fields = [];
(function walk(node) {
  for (const child of node.currentState.children ?? []) {
    if (child.nodeType === 'input') fields.push(child);
    walk(child);
  }
})(root);
const fill = (field) => timed(() => field.setValue(field.valueType === 'int' ? 7n : 'si'));
line('fill', mean(fields.map(fill)));
const flips = [];
for (let i = 0; i < 20; i++) flips.push(timed(() => fields[0].setValue(i % 2 ? 'si' : 'no')));
line('flip', mean(flips));
if (kind === 'blocks') {
  const changes = [];
  for (let i = 0; i < 100; i++) changes.push(timed(() => fields[1 + (i % 8)].setValue(BigInt(i))));
  line('change', mean(changes));
}
start = performance.now();
await root.prepareInstancePayload({ payloadType: 'monolithic' });
line('serialize', performance.now() - start);
