'use strict';
// The arithmetic of one element: the sum behind its gradient, and, where it is simple, how its value came about.

function arithmeticCard(node) {
  const card = html('section', { class: 'card wide arithmetic' }, html('h2', {}, `How ∂L/∂${label(node)} came about`));
  if (node.sums.length === 0) { card.append(html('p', { class: 'soft' }, 'No elements.')); return card; }
  picked = Math.min(picked, node.sums.length - 1);
  const one = node.sums[picked];
  if (node.sums.length > 1) card.append(node.gradient.v && node.sums.length === node.gradient.n
    ? html('p', { class: 'soft' }, 'Click a number above for another element.') : picks(node));
  const x = `${label(node)}${indexText(node.shape, one.at)}`;
  if (one.parts.length === 0) {
    card.append(html('p', { class: 'equation' }, `∂L/∂${x}: the backward begins here, with the derivative of the `
      + 'result with respect to itself', node.gradient.v ? `, ${short(node.gradient.v[one.at])}.` : '.'));
    return card;
  }
  const uses = one.parts.length;
  card.append(html('p', { class: 'equation', id: 'equation' }, uses === 1
    ? `∂L/∂${x} = Σⱼ ∂L/∂y[j] · ∂y[j]/∂${x}, y = ${full(nodes[one.parts[0].y])}`
    : `∂L/∂${x} = Σ over its ${uses} uses y of Σⱼ ∂L/∂y[j] · ∂y[j]/∂${x}`));
  const body = html('tbody');
  let total = 0;
  for (const part of one.parts) { total += Number(part.sum); through(body, x, part, uses > 1); }
  const found = node.gradient.v ? node.gradient.v[one.at] : null;
  body.append(html('tr', { class: 'sum' }, html('td', { colspan: 5 }, `∂L/∂${x}`), html('td', { class: 'op' }, '='),
    html('td', { class: 'number', id: 'total', 'data-value': total }, short(total, 5)),
    html('td', { class: 'soft' }, found === null ? '' : `the backward found ${short(found, 5)}`)));
  card.append(html('table', { class: 'terms number' }, body));
  return card;
}

/** The elements whose sums are known. */
function picks(node) {
  const list = html('div', { class: 'picks' },
    html('span', { class: 'soft' }, `the ${node.sums.length} elements of largest gradient`));
  node.sums.forEach((sum, i) => list.append(html('button',
    { class: i === picked ? 'picked' : '', onclick: () => pick(node, i) }, indexText(node.shape, sum.at))));
  return list;
}

function through(body, x, part, several) {
  const y = nodes[part.y], row = (...cells) => body.append(html('tr', {}, ...cells));
  row(html('td', { colspan: 8 }, 'through ', link(part.y),
    y.inputs.length > 1 ? `, as its input ${letter(part.place)}` : '',
    html('span', { class: 'soft' }, part.count === 0 ? ': no element of it depends on this one' : '')));
  let rest = Number(part.sum);
  for (const [at, g, slope] of part.terms) {
    const index = indexText(y.shape, at), product = Number(g) * Number(slope);
    rest -= product;
    row(html('td', { class: 'op' }, `∂L/∂${label(y)}${index} · ∂${label(y)}${index}/∂${x}`),
      html('td', { class: 'op' }, '='),
      html('td', { class: 'number' }, short(g, 5)), html('td', { class: 'op' }, '·'),
      html('td', { class: 'number' }, short(slope, 5)), html('td', { class: 'op' }, '='),
      html('td', { class: 'number product', 'data-value': product }, short(product, 5)), html('td'));
  }
  const more = part.count - part.terms.length;
  const terms = more === 1 ? 'term' : 'terms', text = part.terms.length ? `and ${more} more ${terms}` : `${more} ${terms}`;
  if (more > 0) row(html('td', { class: 'op', colspan: 5 }, text), html('td', { class: 'op' }, '='),
    html('td', { class: 'number product', 'data-value': rest }, short(rest, 5)), html('td'));
  if (several && part.count > 1) row(html('td', { class: 'op', colspan: 5 }, `in all through %${part.y}`),
    html('td', { class: 'op' }, '='), html('td', { class: 'number' }, short(part.sum, 5)), html('td'));
}

// ---- forward ----

/** The inputs by place: what is known of their shapes and numbers. */
function operands(node) {
  const found = [];
  for (const [input, place] of node.inputs)
    found[place] = { shape: nodes[input].shape, v: nodes[input].value?.v };
  for (const one of node.constants ?? []) found[one.place] = { shape: one.shape, v: one.value.v };
  return found;
}

/** y[1, 0] = tanh(0.8) = 0.664, where all that goes in is known. */
function forwardText(node, at) {
  if (node.leaf || !node.value?.v) return null;
  const given = operands(node), result = short(node.value.v[at], 5);
  const name = `${label(node)}${indexText(node.shape, at)}`;
  if (given.some(one => one && !one.v)) return null;
  const template = data.rules[node.op].element;
  if (template) {
    const wanted = (template.match(/\{\d\}/g) ?? []).length;
    if (given.filter(Boolean).length < wanted) return null;
    const filled = template.replace(/\{(\d)\}/g, (_, i) => short(elementOf(given[i], node.shape, at), 5));
    return `${name} = ${filled} = ${result}`;
  }
  const terms = node.op === 'linear' || node.op === 'matmul' ? products(node, given, at)
    : node.op === 'sum' || node.op === 'mean' ? sumTerms(node, given[0]) : null;
  if (!terms) return null;
  const shown = terms.slice(0, 12).join(' + ') + (terms.length > 12 ? ` + … (${terms.length} terms)` : '');
  const sum = node.op === 'mean' ? `(${shown}) / ${given[0].v.length}` : shown;
  return `${name} = ${sum} = ${result}`;
}

/** The element of an operand, repeated to the result's shape, that stands at a position of it. */
function elementOf(operand, shape, at) {
  let [place, stride] = [0, 1];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const own = axis - shape.length + operand.shape.length;
    if (own >= 0) {
      if (operand.shape[own] > 1) place += (at % shape[axis]) * stride;
      stride *= operand.shape[own];
    }
    at = Math.floor(at / shape[axis]);
  }
  return operand.v[place];
}

function sumTerms(node, operand) {
  return node.value.n === 1 ? operand.v.map(value => short(value)) : null;
}

/** The products behind one element of a product of matrices; either may have been turned. */
function products(node, [a, b, bias], at) {
  if (!a || !b || node.shape.length !== 2 || a.shape.length !== 2 || b.shape.length !== 2) return null;
  const [row, column] = [Math.floor(at / node.shape[1]), at % node.shape[1]];
  const take = (matrix, i, turned) => {
    const [height, width] = matrix.shape;
    return turned ? Array.from({ length: height }, (_, k) => matrix.v[k * width + i])
      : Array.from({ length: width }, (_, k) => matrix.v[i * width + k]);
  };
  for (const [turnedA, turnedB] of [[false, false], [false, true], [true, false], [true, true]]) {
    const left = take(a, row, turnedA), right = take(b, column, !turnedB);
    if (left.length !== right.length || left.includes(undefined) || right.includes(undefined)) continue;
    const sum = left.reduce((total, value, k) => total + value * right[k], bias ? bias.v[column] : 0);
    if (!(Math.abs(sum - node.value.v[at]) <= 1e-4 * (1 + Math.abs(sum)))) continue;
    const terms = left.map((value, k) => `${short(value)} · ${short(right[k])}`);
    return bias ? [...terms, short(bias.v[column])] : terms;
  }
  return null;
}
