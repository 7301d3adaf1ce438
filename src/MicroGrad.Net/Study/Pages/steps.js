'use strict';
// The page of a tape: which folds are open, which step is shown, and the drawing of the graph. What is told of an
// operation is in steps-panel.js.

const data = JSON.parse(document.getElementById('data').textContent);
const nodes = data.nodes, folds = data.folds;
nodes.forEach((node, i) => { node.i = i; node.uses = []; });
for (const node of nodes) for (const [input, place] of node.inputs) nodes[input].uses.push([node.i, place]);
// A tape of a leaf alone has that to show.
const operations = nodes.filter(node => !node.leaf || nodes.length === 1).map(node => node.i);
operations.forEach((i, order) => { nodes[i].order = order; });
const opsIn = folds.map(() => []);
for (const i of operations) for (const fold of foldsOf(i)) opsIn[fold].push(i);

const Many = 30;                // items that are easily read at once: folds open while there are fewer
const open = new Set();
let step = 0;                   // forward over all operations, then backward over all
let looked = null;              // an item that was clicked and is no operation: a leaf
let zoom = 1;
let drawn = null;

const byId = id => document.getElementById(id);
const label = node => node.name ?? `%${node.i}`;
const full = node => node.name ? `%${node.i} ${node.name}` : `%${node.i} ${node.op}`;
const isBackward = () => step >= operations.length;
const stepOf = (order, backward) => backward ? 2 * operations.length - 1 - order : order;
const currentOrder = () => isBackward() ? 2 * operations.length - 1 - step : step;
const current = () => nodes[operations[currentOrder()]];
const isKnown = node => isBackward() || node.leaf || node.order <= step;
/** Whether all that the node's gradient is the sum of has come by now. */
const hasArrived = node => isBackward() && (node.uses.every(([use]) => stepOf(nodes[use].order, true) <= step)
  || (!node.leaf && stepOf(node.order, true) <= step));

/** The folds around a node, inner before outer. */
function foldsOf(i) {
  const around = [];
  for (let fold = nodes[i].fold; fold >= 0; fold = folds[fold].parent) around.push(fold);
  return around;
}

/** What stands for a node: itself, or the outermost closed fold that it is in. */
function itemOf(i) {
  const closed = foldsOf(i).filter(fold => !open.has(fold));
  return closed.length ? `f${closed[closed.length - 1]}` : `n${i}`;
}

/** Where what comes from an item outside enters an open fold. */
const inlet = (input, fold) => `i${itemOf(input)}@${fold}`;

const graph = {
  partsOf: fold => [
    ...nodes.filter(node => node.fold === fold).map(node => `n${node.i}`),
    ...folds.map((_, i) => i).filter(i => folds[i].parent === fold).map(i => `f${i}`),
  ],
  opensAs: key => key[0] === 'f' && open.has(+key.slice(1)) ? +key.slice(1) : null,
  edgesIn: fold => {
    const found = new Map();
    const lift = i => {
      if (nodes[i].fold === fold) return `n${i}`;
      const around = foldsOf(i), at = fold < 0 ? around.length : around.indexOf(fold);
      return at > 0 ? `f${around[at - 1]}` : null;
    };
    for (const node of nodes) for (const [input] of node.inputs) {
      const [from, to] = [lift(input), lift(node.i)];
      if (to && from !== to) found.set(`${from ?? inlet(input, fold)}>${to}`, [from ?? inlet(input, fold), to]);
    }
    return [...found.values()];
  },
};

// ---- drawing ----

function element(name, attributes = {}, ...inside) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

const cut = (text, length) => text.length > length ? text.slice(0, length - 1) + '…' : text;
/** Of a path the end, which tells more. */
const cutFront = (text, length) => text.length > length ? '…' + text.slice(1 - length) : text;

function draw() {
  const plan = layOut(graph);
  const svg = element('svg', { viewBox: `0 0 ${plan.width} ${plan.height}` });
  const lines = new Map(), items = new Map();
  for (const [key, place] of plan.places) {
    if (!place.open || key === 'root') continue;
    const fold = +key.slice(1);
    const { x, y, width, height } = place;
    svg.append(element('rect', { class: 'frame', x, y, width, height, rx: 8 }));
    const title = element('text', { class: 'frame-title', x: place.x + 9, y: place.y + 17 },
      `▾ ${cut(folds[fold].label, Math.max(10, Math.floor(place.width / 6.4)))}`);
    title.append(element('title', {}, `${folds[fold].label}: click to fold`));
    title.dataset.fold = fold;
    title.addEventListener('click', () => toggle(fold));
    svg.append(title);
  }
  for (const node of nodes) for (const [input] of node.inputs) {
    const [from, to] = [itemOf(input), itemOf(node.i)];
    if (from === to) continue;
    const key = `${from}>${to}`;
    if (!lines.has(key)) {
      const path = element('path', { class: 'edge', d: route(plan, input, node.i, from, to) });
      svg.append(path);
      lines.set(key, { path, pairs: [] });
    }
    lines.get(key).pairs.push([input, node.i]);
  }
  for (const [key, place] of plan.places)
    if (!place.open && key[0] !== 'i') { const group = box(key, place); svg.append(group); items.set(key, group); }
  byId('graph').replaceChildren(svg);
  drawn = { svg, plan, lines, items };
  resize();
}

/** A smooth line: by the bends of the fold in which both ends are, then into the open folds around its end. */
function route(plan, input, result, from, to) {
  const [a, b] = [plan.places.get(from), plan.places.get(to)];
  const [outside, around] = [foldsOf(input), foldsOf(result).filter(fold => open.has(fold))];
  const common = around.find(fold => outside.includes(fold)) ?? -1;
  const within = (fold, i, item) => {
    const inner = foldsOf(i), at = fold < 0 ? inner.length : inner.indexOf(fold);
    return at > 0 ? `f${inner[at - 1]}` : item;
  };
  const points = [{ x: a.x + a.width, y: a.y + a.height / 2 }];
  let start = within(common, input, from);
  const entered = around.slice(0, common < 0 ? around.length : around.indexOf(common)).reverse();
  for (const fold of [common, ...entered]) {
    if (fold !== common) {
      start = inlet(input, fold);
      const place = plan.places.get(start);
      if (place) points.push({ x: place.x, y: place.y + place.height / 2 });
    }
    points.push(...plan.bends.get(`${start}>${within(fold, result, to)}`) ?? []);
  }
  points.push({ x: b.x, y: b.y + b.height / 2 });
  let path = `M${points[0].x} ${points[0].y}`;
  for (let i = 1; i < points.length; i++) {
    const [p, q] = [points[i - 1], points[i]], half = (q.x - p.x) / 2;
    path += `C${p.x + half} ${p.y} ${q.x - half} ${q.y} ${q.x} ${q.y}`;
  }
  return path;
}

const opsText = fold => opsIn[fold].length === 1 ? '1 op' : `${opsIn[fold].length} ops`;

/** Of a parameter inside a fold that says whose it is, the last part of its path. */
function shortName(node) {
  if (!node.name) return cut(node.op, 18);
  return node.name.length > 17 && node.fold >= 0 ? cut(node.name.split('.').pop(), 17) : cutFront(node.name, 17);
}

function box(key, place) {
  const group = element('g', { class: 'item', tabindex: 0, transform: `translate(${place.x} ${place.y})` });
  group.dataset.key = key;
  const { width, height } = place;
  if (key[0] === 'f') {
    const fold = +key.slice(1);
    group.classList.add('closed');
    group.append(element('rect', { class: 'under', x: 4, y: 4, width, height, rx: 6 }),
      element('rect', { class: 'box', width, height, rx: 6 }),
      element('text', { x: width / 2, y: 19 }, `▸ ${cut(folds[fold].label, 21)}`),
      element('text', { class: 'soft', x: width / 2, y: 35 }, opsText(fold)),
      element('title', {}, `${folds[fold].label}: click to see, double-click or Enter to unfold`));
  } else {
    const node = nodes[+key.slice(1)];
    const single = node.value && node.value.n === 1 ? ` = ${short(node.value.v[0])}` : '';
    group.append(element('rect', { class: 'box', width, height, rx: node.leaf ? height / 2 : 6 }),
      element('text', { x: width / 2, y: 19 }, shortName(node)),
      element('text', { class: 'soft', x: width / 2, y: 35 }, shapeText(node.shape) + single),
      element('title', {}, `${full(node)} ${shapeText(node.shape)}${node.at ? ', ' + node.at : ''}`));
  }
  const mark = (kind, x) =>
    element('rect', { class: `mark ${kind}`, x, y: height - 6, width: width / 2 - 14, height: 3, rx: 1.5 });
  group.append(mark('value', 12), mark('grad', width / 2 + 2));
  group.addEventListener('click', () => choose(key));
  group.addEventListener('dblclick', () => { if (key[0] === 'f') toggle(+key.slice(1)); });
  return group;
}

function resize() {
  const { svg, plan } = drawn;
  svg.setAttribute('width', plan.width * zoom);
  svg.setAttribute('height', plan.height * zoom);
}

function fit(least) {
  const frame = byId('graph');
  const { width, height } = drawn.plan;
  zoom = Math.max(least, Math.min(1.15, (frame.clientWidth - 4) / width, window.innerHeight * 0.48 / height));
  resize();
}

/** Colours by the step; nothing is drawn anew. */
function paint() {
  const shown = looked === null ? itemOf(current().i) : looked;
  for (const [key, group] of drawn.items) {
    const inside = key[0] === 'n' ? [nodes[+key.slice(1)]] : opsIn[+key.slice(1)].map(i => nodes[i]);
    group.classList.toggle('known', inside.every(isKnown));
    group.classList.toggle('arrived', inside.every(hasArrived));
    group.classList.toggle('chosen', key === shown);
  }
  const at = current(), here = itemOf(at.i);
  for (const [key, line] of drawn.lines) {
    const [from, to] = key.split('>');
    line.path.classList.toggle('known', line.pairs.every(([, result]) => isKnown(nodes[result])));
    line.path.classList.toggle('flows', !isBackward() && to === here);
    line.path.classList.toggle('returns', isBackward() && to === here);
    if (to === here || from === here) line.path.parentNode.insertBefore(line.path, drawn.items.values().next().value);
  }
  const place = drawn.plan.places.get(shown), frame = byId('graph');
  if (place) frame.scrollTo({
    left: (place.x + place.width / 2) * zoom - frame.clientWidth / 2,
    top: (place.y + place.height / 2) * zoom - frame.clientHeight / 2,
  });
}

// ---- steps ----

function show() {
  paint();
  const backward = isBackward(), count = operations.length;
  byId('time').value = step;
  byId('phase').textContent = backward ? 'backward' : 'forward';
  byId('phase').className = backward ? 'backward' : 'forward';
  byId('count').textContent = `${backward ? step - count + 1 : step + 1} of ${count}`;
  byId('first').disabled = byId('back').disabled = step === 0;
  byId('last').disabled = byId('next').disabled = step === 2 * count - 1;
  showPanel(looked ?? itemOf(current().i));
}

function goTo(target, unfolds) {
  step = Math.max(0, Math.min(2 * operations.length - 1, target));
  looked = null;
  if (unfolds) unfoldTo(current().i);
  show();
}

/** The next or last item: all operations of a closed fold are one step. */
function walk(by) {
  const last = 2 * operations.length - 1;
  const itemAt = at => at < operations.length ? itemOf(operations[at]) : `${itemOf(operations[last - at])} back`;
  const here = itemAt(step);
  let at = step;
  while (at + by >= 0 && at + by <= last && itemAt(at) === here) at += by;
  while (at < last && itemAt(at + 1) === itemAt(at)) at++;
  goTo(at);
}

function unfoldTo(i) {
  const closed = foldsOf(i).filter(fold => !open.has(fold));
  closed.forEach(fold => open.add(fold));
  if (closed.length) draw();
}

function toggle(fold) {
  if (!open.delete(fold)) open.add(fold);
  looked = null;
  draw();
  show();
}

function foldAll(closes) {
  open.clear();
  if (!closes) folds.forEach((_, i) => open.add(i));
  draw();
  show();
}

function choose(key) {
  const inside = key[0] === 'f' ? opsIn[+key.slice(1)] : [+key.slice(1)];
  const node = nodes[inside[isBackward() ? 0 : inside.length - 1]];
  if (node.leaf) { looked = key; show(); } else goTo(stepOf(node.order, isBackward()));
}

/** Selects a node wherever it is. */
function visit(i) {
  unfoldTo(i);
  choose(`n${i}`);
}

const keys = {
  ArrowRight: e => e.shiftKey ? goTo(step + 1, true) : walk(1),
  ArrowLeft: e => e.shiftKey ? goTo(step - 1, true) : walk(-1),
  Home: () => goTo(0),
  End: () => goTo(2 * operations.length - 1),
  b: () => goTo(operations.length),
  a: () => foldAll(open.size === folds.length),
  Enter: () => {
    const key = document.activeElement?.dataset?.key ?? looked ?? itemOf(current().i);
    const fold = key[0] === 'f' ? +key.slice(1) : nodes[+key.slice(1)].fold;
    if (fold >= 0) toggle(fold);
  },
  ArrowDown: () => nextElement(1),
  ArrowUp: () => nextElement(-1),
  '+': () => { zoom *= 1.2; resize(); paint(); },
  '-': () => { zoom /= 1.2; resize(); paint(); },
  '0': () => { fit(0.2); paint(); },
};
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === 'Enter' && event.target.closest('button, .link')) return;
  const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  event.preventDefault();
  action(event);
});

// After a click with the mouse, Enter is for the graph again.
byId('bar').addEventListener('click', event => { if (event.detail > 0) document.activeElement.blur(); });
byId('first').onclick = keys.Home;
byId('last').onclick = keys.End;
byId('back').onclick = () => walk(-1);
byId('next').onclick = () => walk(1);
byId('turn').onclick = keys.b;
byId('unfold').onclick = () => foldAll(false);
byId('fold').onclick = () => foldAll(true);
byId('larger').onclick = keys['+'];
byId('smaller').onclick = keys['-'];
byId('fit').onclick = keys['0'];
byId('time').max = 2 * operations.length - 1;
byId('time').oninput = event => goTo(+event.target.value);
byId('unfold').hidden = byId('fold').hidden = folds.length === 0;

/** Opens folds, outer before inner, as long as the graph stays easy to read. */
function openSome() {
  const visible = () => new Set(nodes.map(node => itemOf(node.i))).size;
  for (let i = 0; i < folds.length; i++) {
    if (folds[i].parent >= 0 && !open.has(folds[i].parent)) continue;
    open.add(i);
    if (visible() > Many) open.delete(i);
  }
}

if (operations.length <= Many) folds.forEach((_, i) => open.add(i));
else openSome();
about();
draw();
fit(0.85);
show();
