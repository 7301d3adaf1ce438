'use strict';
// What the page tells of one operation, or of a fold: rule, values, gradients, and the arithmetic of one element.

let picked = 0;                 // which of the elements whose sum is spelled out
let pickedOf = null;

// ---- numbers ----

const minus = text => text.replaceAll('-', '−');

/** Four digits that count. */
function short(value, digits = 4) {
  const number = Number(value);
  if (Number.isNaN(number)) return 'NaN';
  if (!Number.isFinite(number)) return number > 0 ? '∞' : '−∞';
  if (number === 0) return '0';
  const size = Math.abs(number);
  if (size >= 1e6 || size < 1e-4) return minus(number.toExponential(digits - 2));
  return minus(String(+number.toPrecision(digits)));
}

const shapeText = shape => `[${shape.join(', ')}]`;

/** [1, 0] of a position in row-major order. */
function indexText(shape, at) {
  if (shape.length === 0) return '';
  const index = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(at % shape[axis]);
    at = Math.floor(at / shape[axis]);
  }
  return `[${index.join(', ')}]`;
}

// ---- pieces of HTML ----

function html(name, attributes = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key.startsWith('on')) made[key] = value; else made.setAttribute(key, value);
  made.append(...inside.filter(part => part !== null && part !== undefined));
  return made;
}

const link = i => html('button', { class: 'link', onclick: () => visit(i) }, full(nodes[i]));

function between(parts, separator) {
  return parts.flatMap((part, i) => i ? [separator, part] : [part]);
}

function stats(view) {
  const line = html('p', { class: 'stats' });
  if (view.n === 0) { line.append('no elements'); return line; }
  if (view.n > 1 && view.min !== undefined)
    line.append(`${short(view.min)} to ${short(view.max)}, mean ${short(view.mean)}`);
  if (view.n > 1) line.append(`${view.min === undefined ? '' : ', '}${short(100 * view.zeros / view.n, 3)} % zeros`);
  if (view.nan) line.append(' ', html('span', { class: 'bad' }, `${view.nan} NaN`));
  if (view.inf) line.append(' ', html('span', { class: 'bad' }, `${view.inf} infinite`));
  return line;
}

/** The numbers, or the picture, of a tensor. */
function numbers(node, shape, view, sums) {
  if (view.n === 0) return html('span');
  return view.map ? heatMap(shape, view.map) : table(node, shape, view, sums);
}

function table(node, shape, view, sums) {
  const columns = shape.length ? shape[shape.length - 1] : 1;
  const rows = shape.length > 1 ? shape[shape.length - 2] : 1;
  const largest = Math.max(Math.abs(Number(view.min ?? 0)), Math.abs(Number(view.max ?? 0)));
  const all = html('div');
  for (let start = 0; start < view.n; start += rows * columns) {
    if (shape.length > 2)
      all.append(html('span', { class: 'soft' }, indexText(shape, start).replace(/\d+, \d+\]$/, ':, :]')));
    const body = html('tbody');
    for (let row = 0; row < rows; row++) {
      const line = html('tr');
      for (let column = 0; column < columns; column++) line.append(cell(start + row * columns + column));
      body.append(line);
    }
    all.append(html('table', { class: 'numbers number' }, body));
  }
  return all;

  function cell(at) {
    const value = view.v[at], share = largest ? Math.round(38 * Math.abs(Number(value)) / largest) : 0;
    const title = `${indexText(shape, at)} ${value}`;
    const made = html('td', { 'data-at': at, 'data-value': value, title }, short(value, columns > 5 ? 3 : 4));
    const ink = value < 0 ? '--down' : '--up';
    if (share > 0) made.style.background = `color-mix(in srgb, var(${ink}) ${share}%, transparent)`;
    const sum = sums.findIndex(one => one.at === at);
    if (sum >= 0) { made.classList.add('has'); made.onclick = () => pick(node, sum); }
    if (sum >= 0 && sum === picked) made.classList.add('picked');
    return made;
  }
}

function heatMap(shape, map) {
  const cells = Uint8Array.from(atob(map.cells), c => c.charCodeAt(0));
  const up = color('--up'), down = color('--down'), back = color('--card'), bad = color('--ink');
  const size = Math.max(2, Math.min(14, Math.floor((map.tiles > 1 ? 110 : 380) / Math.max(map.width, map.height))));
  const all = html('div', { class: 'maps' });
  for (let tile = 0; tile < map.tiles; tile++) {
    const canvas = html('canvas', { width: map.width, height: map.height });
    canvas.style.width = `${map.width * size}px`;
    canvas.style.height = `${map.height * size}px`;
    const context = canvas.getContext('2d'), picture = context.createImageData(map.width, map.height);
    for (let i = 0; i < map.width * map.height; i++) {
      const byte = cells[tile * map.width * map.height + i], value = byte > 127 ? byte - 256 : byte;
      // The root makes small numbers visible.
      const share = Math.sqrt(Math.abs(value) / 127), ink = value === -128 ? bad : value < 0 ? down : up;
      for (let c = 0; c < 3; c++)
        picture.data[4 * i + c] = value === -128 ? bad[c] : back[c] + (ink[c] - back[c]) * share;
      picture.data[4 * i + 3] = 255;
    }
    context.putImageData(picture, 0, 0);
    const at = tile * map.rows * map.columns;
    canvas.title = shape.length > 2 ? indexText(shape, at).replace(/\d+, \d+\]$/, ':, :]') : shapeText(shape);
    all.append(canvas);
  }
  const merged = map.height < map.rows || map.width < map.columns;
  const scale = html('div', { class: 'scale' }, minus(short(-map.scale)), html('i'), short(map.scale));
  const rgb = c => `rgb(${c.join(' ')})`;
  scale.children[0].style.background = `linear-gradient(90deg, ${rgb(down)}, ${rgb(back)}, ${rgb(up)})`;
  const notes = [];
  const first = map.tiles > 1 ? `the first ${map.tiles}` : 'the first';
  if (map.tiles < map.of) notes.push(`${first} of ${map.of} pictures of ${map.rows} × ${map.columns}`);
  if (merged) notes.push('a cell shows the largest of its block');
  notes.push('colour by the root of the size');
  all.append(scale, html('p', { class: 'stats soft' }, notes.join('; ')));
  return all;
}

function color(name) {
  const probe = html('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const parts = getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  probe.remove();
  return parts;
}

// ---- the panel ----

function about() {
  const result = nodes[nodes.length - 1], count = nodes.length - operations.length;
  const outermost = foldsOf(result.i).pop();
  byId('title').textContent = (outermost === undefined ? result.op : folds[outermost].label)
    + (result.value?.n === 1 ? ` = ${short(result.value.v[0], 5)}` : ` ${shapeText(result.shape)}`);
  byId('about').append(`${operations.length} operations on ${count} ${count === 1 ? 'leaf' : 'leaves'}`,
    folds.length ? ` in ${folds.length} modules and functions.` : '.');
  if (!nodes.some(node => node.constants)) byId('about').append(' Source lines, modules and the values of larger '
    + 'results are known of what is recorded inside ', html('code', {}, 'using (Tape.Detailed()) loss = …;'));
}

function showPanel(key) {
  const panel = byId('panel');
  if (key[0] === 'f') { panel.replaceChildren(...foldPanel(+key.slice(1))); return; }
  const node = nodes[+key.slice(1)];
  if (pickedOf !== node.i) { picked = 0; pickedOf = node.i; }
  panel.replaceChildren(operationCard(node), valueCard(node), gradientCard(node), arithmeticCard(node));
}

function pick(node, sum) {
  picked = sum;
  showPanel(`n${node.i}`);
}

function nextElement(by) {
  const node = nodes[pickedOf];
  if (!node || !document.querySelector('#panel .arithmetic')) return;
  pick(node, Math.max(0, Math.min(node.sums.length - 1, picked + by)));
}

const letter = place => String.fromCharCode(97 + place);

function operationCard(node) {
  const rule = data.rules[node.op];
  const card = html('section', { class: 'card operation' }, html('h2', { id: 'name' }, full(node)),
    html('p', {}, html('code', {}, shapeText(node.shape)),
      html('span', { class: 'soft' }, ` ${node.dtype}${node.leaf ? ', ' + node.op : ''}`)));
  if (rule.formula) card.append(html('p', { class: 'equation', id: 'formula' }, rule.formula));
  const inputs = [
    ...node.inputs.map(([input, place]) => ({ place, what: [link(input)], shape: nodes[input].shape, flows: true })),
    ...(node.constants ?? []).map(one => ({ place: one.place, what: [constantText(one)], shape: one.shape })),
  ].sort((a, b) => a.place - b.place);
  if (inputs.length) {
    const list = html('ul', { class: 'inputs' });
    for (const input of inputs) {
      const own = rule.gradients[input.place];
      const text = own ? ` = ${own}` : `: as ∂L/∂${letter(rule.gradients.length - 1)}`;
      list.append(html('li', {}, html('code', {}, `${letter(input.place)} = `), ...input.what, ' ',
        html('code', { class: 'soft' }, shapeText(input.shape)),
        input.flows ? html('code', { class: 'rule' }, `∂L/∂${letter(input.place)}${text}`)
          : html('span', { class: 'rule soft' }, 'no gradient: a constant')));
    }
    card.append(list);
  }
  card.append(html('p', { id: 'words' }, rule.words,
    rule.formula ? html('span', { class: 'soft' }, ' g is ∂L/∂y, the gradient of the result.') : null));
  if (node.code) card.append(html('pre', { class: 'line', id: 'code' }, node.code));
  if (node.settings) card.append(html('p', { class: 'soft', id: 'settings' }, node.settings));
  if (node.at) card.append(html('p', { class: 'soft', id: 'at' }, node.at));
  if (node.in) card.append(html('p', { class: 'soft', id: 'within' }, `in ${node.in}`));
  const uses = [...new Set(node.uses.map(([use]) => use))];
  if (uses.length) card.append(html('p', { class: 'soft' }, 'used by ',
    ...between(uses.slice(0, 12).map(link), ', '), uses.length > 12 ? ', …' : ''));
  return card;
}

function constantText(one) {
  return one.value.n === 1 ? short(one.value.v[0])
    : `constant, ${one.value.min === undefined ? '' : `${short(one.value.min)} to ${short(one.value.max)}`}`;
}

function valueCard(node) {
  const card = html('section', { class: 'card tensor', id: 'value' }, html('h2', {}, node.leaf ? 'Value' : 'Value y'));
  if (node.value) card.append(stats(node.value), numbers(node, node.shape, node.value, node.sums));
  else card.append(html('p', { class: 'soft' }, 'Not kept: larger results are kept inside Tape.Detailed() only.'));
  const sum = node.sums[picked], text = sum && forwardText(node, sum.at);
  if (text) card.append(html('p', { class: 'equation', id: 'forward' }, text));
  return card;
}

function gradientCard(node) {
  const come = hasArrived(node);
  const card = html('section', { class: `card tensor${come ? '' : ' late'}`, id: 'gradient' },
    html('h2', {}, node.leaf ? 'Gradient' : 'Gradient g = ∂L/∂y',
      html('span', { class: 'soft' }, come ? '' : ' (comes in the backward)')));
  card.append(stats(node.gradient), numbers(node, node.shape, node.gradient, node.sums));
  return card;
}

/** The parts of a fold: operations, parameters, and folds inside it, which stand for their last operation. */
function foldPanel(fold) {
  const titles = ['', 'shape', 'value', 'gradient', 'line'].map(text => html('th', {}, text));
  const body = html('tbody', {}, html('tr', {}, ...titles));
  const range = view => !view ? '' : view.n === 1 ? short(view.v[0])
    : view.min === undefined ? '' : `${short(view.min)} to ${short(view.max)}`;
  const parts = graph.partsOf(fold).map(key => {
    const inner = key[0] === 'f' ? +key.slice(1) : null;
    return { inner, node: nodes[inner === null ? +key.slice(1) : opsIn[inner][opsIn[inner].length - 1]] };
  }).sort((a, b) => a.node.i - b.node.i);
  for (const { inner, node } of parts) {
    const what = inner === null ? link(node.i) : html('span', {}, html('button', { class: 'link', onclick: () => {
      open.add(fold);
      draw();
      choose(`f${inner}`);
    } }, `▸ ${folds[inner].label}`), html('span', { class: 'soft' }, ` ${opsText(inner)}`));
    body.append(html('tr', {}, html('td', {}, what), html('td', {}, html('code', {}, shapeText(node.shape))),
      html('td', { class: 'number' }, range(node.value)), html('td', { class: 'number' }, range(node.gradient)),
      html('td', { class: 'soft' }, inner === null ? node.at ?? '' : '')));
  }
  return [html('section', { class: 'card wide' }, html('h2', { id: 'name' }, folds[fold].label),
    html('p', {}, `${opsIn[fold].length} operations in one box. `,
      html('button', { onclick: () => toggle(fold) }, 'unfold (Enter)')), html('table', {}, body))];
}
