// The numbers of a chart under the mouse, or, with the chart in focus, by the arrow keys.
'use strict';
const charts = JSON.parse(document.getElementById('data').textContent);
const box = document.getElementById('numbers');

const text = value => typeof value === 'string' ? value : value === 0 ? '0'
  : Math.abs(value) >= 1e6 || Math.abs(value) < 1e-3 ? value.toExponential(3) : String(Number(value.toPrecision(5)));

function nearest(positions, x) {
  let best = 0;
  positions.forEach((position, i) => { if (Math.abs(position - x) < Math.abs(positions[best] - x)) best = i; });
  return best;
}

// The places that the arrow keys go through, and that the mouse snaps to: all times of all lines, or the columns.
function places(chart) {
  if (chart.kind === 'heat') return chart.at;
  return chart.places ??= [...new Set(chart.lines.flatMap(line => line.at))].sort((a, b) => a - b);
}

// Where a place is in the picture, from 0 to 1 over the width of the plot. By quarters: ends may be far apart.
const share = (chart, index) => chart.kind === 'heat' ? (index + 0.5) / chart.at.length
  : (places(chart)[index] / 4 - chart.low / 4) / (chart.high / 4 - chart.low / 4 || 1);

function row(cells) {
  const line = document.createElement('tr');
  for (const [content, colour] of cells) {
    const cell = line.insertCell();
    if (colour) cell.appendChild(document.createElement('i')).style.background = colour;
    cell.append(content);
  }
  return line;
}

function show(svg, index, height, clientX, clientY) {
  const chart = charts[svg.dataset.chart], at = places(chart)[index], table = document.createElement('table');
  if (chart.kind === 'heat') {
    const column = chart.shares[index], part = Math.min(column.length - 1, Math.max(0, Math.floor(height * column.length)));
    const edge = i => {
      const value = chart.low * (1 - i / column.length) + chart.high * (i / column.length);
      return text(chart.logarithmic ? 10 ** value : value);
    };
    table.append(row([[`${edge(part)} to ${edge(part + 1)}`], [`${(column[part] / 10).toFixed(1)} %`]]));
  } else {
    for (const line of chart.lines) {
      const i = line.at.indexOf(at);
      if (i >= 0) table.append(row([[line.name, line.colour], [text(line.values[i])]]));
    }
  }
  const title = document.createElement('b');
  title.append(`${chart.x} ${text(at)}`);
  box.replaceChildren(title, table);
  box.hidden = false;

  let hair = svg.querySelector('.crosshair');
  if (!hair) {
    hair = document.createElementNS('http://www.w3.org/2000/svg', 'line');
    hair.setAttribute('class', 'crosshair');
    svg.append(hair);
  }
  const x = chart.left + share(chart, index) * chart.width;
  for (const [name, value] of [['x1', x], ['x2', x], ['y1', chart.top], ['y2', chart.top + chart.height]])
    hair.setAttribute(name, value);

  const right = clientX + 18 + box.offsetWidth > innerWidth;
  box.style.left = `${Math.max(4, right ? clientX - 18 - box.offsetWidth : clientX + 18)}px`;
  box.style.top = `${Math.max(4, Math.min(clientY + 14, innerHeight - box.offsetHeight - 4))}px`;
}

function hide(svg) {
  box.hidden = true;
  svg.querySelector('.crosshair')?.remove();
}

// The chart that is read by keys: a mouse that rests while the page scrolls under it does not end that.
let keyed = null;

for (const svg of document.querySelectorAll('svg.chart')) {
  const chart = charts[svg.dataset.chart];
  let index = -1, height = 0.5;
  svg.addEventListener('mousemove', event => {
    if (keyed && event.movementX === 0 && event.movementY === 0) return;
    keyed = null;
    const frame = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / frame.width;
    const x = ((event.clientX - frame.left) * scale - chart.left) / chart.width;
    const y = ((event.clientY - frame.top) * scale - chart.top) / chart.height;
    if (!places(chart).length || x < -0.05 || x > 1.05 || y < 0 || y > 1) return hide(svg);
    index = nearest(places(chart).map((_, i) => share(chart, i)), x);
    height = 1 - y;
    show(svg, index, height, event.clientX, event.clientY);
  });
  svg.addEventListener('mouseleave', () => { if (!keyed) hide(svg); });
  svg.addEventListener('blur', () => { keyed = null; hide(svg); });
  svg.addEventListener('keydown', event => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!move || !places(chart).length || (move[1] && chart.kind !== 'heat')) return;
    event.preventDefault();
    if (keyed !== svg) document.querySelectorAll('.crosshair').forEach(hair => hair.remove());
    keyed = svg;
    index = Math.min(places(chart).length - 1, Math.max(0, index + move[0]));
    if (chart.kind === 'heat') height = Math.min(0.999, Math.max(0, height + move[1] / chart.shares[index].length));
    const frame = svg.getBoundingClientRect(), scale = frame.width / svg.viewBox.baseVal.width;
    show(svg, index, height, frame.left + (chart.left + share(chart, index) * chart.width) * scale, frame.top + chart.top * scale);
  });
}
