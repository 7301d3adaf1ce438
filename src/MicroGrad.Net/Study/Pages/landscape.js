// The page of a Landscape: reads the map under the mouse, turns the surface, walks along the path.
const data = JSON.parse(document.getElementById('data').textContent);
const { x, y, values, pathX, pathY, pathLosses, colours } = data;
const [low, high] = data.range;
const find = id => document.getElementById(id);
const plot = document.querySelector('#map .plot');
const size = plot.width.baseVal.value;
const number = value => value === null ? 'not finite' : Number(value.toPrecision(4)).toString().replace('-', '−');
const share = (axis, value) => (value - axis[0]) / (axis[axis.length - 1] - axis[0]);
const theme = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();

/** The loss at a position on the plane, between the four places around it; null outside, or where it is not finite. */
function lossAt(px, py) {
  const [c, r] = [share(x, px) * (x.length - 1), share(y, py) * (y.length - 1)];
  if (!(c >= 0 && r >= 0 && c <= x.length - 1 && r <= y.length - 1)) return null;
  const [column, row] = [Math.min(Math.floor(c), x.length - 2), Math.min(Math.floor(r), y.length - 2)];
  const [t, s, start] = [c - column, r - row, row * x.length + column];
  const corners = [values[start], values[start + 1], values[start + x.length], values[start + x.length + 1]];
  if (corners.includes(null)) return null;
  return (1 - s) * ((1 - t) * corners[0] + t * corners[1]) + s * ((1 - t) * corners[2] + t * corners[3]);
}

/** How far up a loss is between the lowest and the highest, from 0 to 1. By quarters: they may be far apart. */
const height = loss => high > low ? (loss / 4 - low / 4) / (high / 4 - low / 4) : 0;
/** The band of colour that a loss is in, and where a band begins: those of the map. */
const band = loss => Math.min(colours.length - 1, Math.floor(colours.length * Math.sqrt(Math.max(0, height(loss)))));
const edge = index => low * (1 - (index / colours.length) ** 2) + high * (index / colours.length) ** 2;

function draw(parent, name, attributes) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return parent.appendChild(element);
}

const move = (element, attributes) => {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
};

// ---- the map: what is under the mouse ----

const cross = ['x', 'y'].map(() => draw(plot, 'line', { stroke: '#fff', 'stroke-opacity': 0.6, 'stroke-width': 0.7 }));
let pointed = null;

function point(position) {
  pointed = position;
  cross.forEach(line => line.style.display = position ? '' : 'none');
  if (position) {
    const [atX, atY] = [share(x, position[0]) * size, (1 - share(y, position[1])) * size];
    move(cross[0], { x1: atX, x2: atX, y1: 0, y2: size });
    move(cross[1], { y1: atY, y2: atY, x1: 0, x2: size });
  }
  find('under').textContent = position
    ? `x ${number(position[0])}, y ${number(position[1])}: loss ${number(lossAt(...position))}`
    : 'Point at the map to read the loss there.';
  drawSurface();
}

plot.addEventListener('pointermove', event => {
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(plot.getScreenCTM().inverse());
  const inside = (axis, part) => axis[0] + Math.min(1, Math.max(0, part)) * (axis[axis.length - 1] - axis[0]);
  point([inside(x, at.x / size), inside(y, 1 - at.y / size)]);
});
plot.addEventListener('pointerleave', () => point(null));

// ---- the surface ----

const surface = find('surface');
let [turn, tilt, rooted] = [0.6, 0.75, false];

/** From a position and a share of the height to the screen; the third number grows with the distance from the eye. */
function project(px, py, up, scale, width, tall) {
  const [u, v, h] = [2 * share(x, px) - 1, 2 * share(y, py) - 1, 0.9 * (rooted ? Math.sqrt(Math.max(0, up)) : up) - 0.45];
  const [across, away] = [u * Math.cos(turn) - v * Math.sin(turn), u * Math.sin(turn) + v * Math.cos(turn)];
  return [width / 2 + scale * across, tall / 2 - scale * (h * Math.cos(tilt) + away * Math.sin(tilt)),
    away * Math.cos(tilt) - h * Math.sin(tilt)];
}

function drawSurface() {
  const [width, tall, ratio] = [surface.clientWidth, surface.clientHeight, window.devicePixelRatio || 1];
  [surface.width, surface.height] = [width * ratio, tall * ratio];
  const canvas = surface.getContext('2d');
  canvas.scale(ratio, ratio);
  const scale = Math.min(width / 2.9, tall / 2.7);
  const place = (px, py, loss) => project(px, py, height(loss), scale, width, tall);
  canvas.font = '12px system-ui, sans-serif';

  // The floor, with its axes.
  const [left, right, front, back] = [x[0], x[x.length - 1], y[0], y[y.length - 1]];
  const floor = [[left, front], [right, front], [right, back], [left, back]].map(([px, py]) => place(px, py, low));
  canvas.strokeStyle = theme('line');
  trace(canvas, [...floor, floor[0]]);
  canvas.stroke();
  canvas.fillStyle = theme('soft');
  canvas.textAlign = 'center';
  const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const label = (text, corners) => {       // at the nearer of the two edges, outside
    const [atX, atY] = corners.map(([a, b]) => middle(floor[a], floor[b])).sort((a, b) => b[1] - a[1])[0];
    const [centreX, centreY] = middle(floor[0], floor[2]);
    canvas.fillText(text, centreX + 1.12 * (atX - centreX), centreY + 1.12 * (atY - centreY) + 8);
  };
  label('x', [[0, 1], [2, 3]]);
  label('y', [[1, 2], [3, 0]]);

  // Far pieces first, so that near ones hide them.
  const pieces = [];
  const fine = Math.max(1, Math.round(50 / (x.length - 1)));
  const [columns, rows] = [fine * (x.length - 1), fine * (y.length - 1)];
  const atColumn = i => left + i / columns * (right - left), atRow = i => front + i / rows * (back - front);
  const grid = [];
  for (let row = 0; row <= rows; row++)
    for (let column = 0; column <= columns; column++) {
      const loss = lossAt(atColumn(column), atRow(row));
      grid.push(loss === null ? null : [...place(atColumn(column), atRow(row), loss), loss]);
    }
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const start = row * (columns + 1) + column;
      const corners = [grid[start], grid[start + 1], grid[start + columns + 2], grid[start + columns + 1]];
      if (corners.includes(null)) continue;
      const bands = corners.map(corner => band(corner[3]));
      for (let index = Math.min(...bands); index <= Math.max(...bands); index++) {
        let part = index > 0 ? cut(corners, edge(index), 1) : corners;
        if (index < colours.length - 1) part = cut(part, edge(index + 1), -1);
        pieces.push({ far: corners.reduce((sum, corner) => sum + corner[2], 0) / 4, part, colour: colours[index] });
      }
    }
  const onPlane = pathX.map((px, i) => lossAt(px, pathY[i]));
  for (let i = 1; i < pathX.length; i++) {
    if (onPlane[i - 1] === null || onPlane[i] === null) continue;
    const ends = [i - 1, i].map(j => place(pathX[j], pathY[j], onPlane[j]));
    // A little nearer than the surface, and the line nearer than the edge of its neighbours.
    const far = (ends[0][2] + ends[1][2]) / 2 - 0.05;
    pieces.push({ far, ends, style: '#000', thick: 3.4 }, { far: far - 0.05, ends, style: '#fff', thick: 1.8 });
  }
  pieces.sort((a, b) => b.far - a.far);
  canvas.lineJoin = canvas.lineCap = 'round';
  for (const piece of pieces) {
    trace(canvas, piece.part ?? piece.ends);
    if (piece.part) {
      canvas.closePath();
      canvas.fillStyle = canvas.strokeStyle = piece.colour;
      canvas.lineWidth = 1;           // closes the hairlines between neighbours
      canvas.fill();
    } else [canvas.strokeStyle, canvas.lineWidth] = [piece.style, piece.thick];
    canvas.stroke();
  }
  if (pathX.length > 0) disc(pathX[now], pathY[now], theme('up'));
  if (pointed) disc(...pointed, '#fff');

  function disc(px, py, fill) {
    const loss = lossAt(px, py);
    if (loss === null) return;
    const [atX, atY] = place(px, py, loss);
    canvas.beginPath();
    canvas.arc(atX, atY, 5, 0, 2 * Math.PI);
    [canvas.fillStyle, canvas.strokeStyle, canvas.lineWidth] = [fill, '#000', 1];
    canvas.fill();
    canvas.stroke();
  }
}

/** The part of a polygon above a loss (side 1) or below it (side −1); the loss is the fourth number of a corner. */
function cut(corners, loss, side) {
  const part = [];
  corners.forEach((a, i) => {
    const b = corners[(i + 1) % corners.length];
    const [inside, next] = [a, b].map(corner => side * (corner[3] - loss) >= 0);
    if (inside) part.push(a);
    if (inside !== next) part.push(a.map((value, k) => value + (b[k] - value) * (loss - a[3]) / (b[3] - a[3])));
  });
  return part;
}

function trace(canvas, points) {
  canvas.beginPath();
  points.forEach(([px, py], i) => i === 0 ? canvas.moveTo(px, py) : canvas.lineTo(px, py));
}

function rotate(around, up) {
  [turn, tilt] = [turn + around, Math.min(1.5, Math.max(0.05, tilt + up))];
  drawSurface();
}

surface.addEventListener('pointerdown', event => surface.setPointerCapture(event.pointerId));
surface.addEventListener('pointermove', event => {
  if (event.buttons & 1) rotate(-event.movementX / 120, event.movementY / 120);
});
surface.addEventListener('keydown', event => {
  const by = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }[event.key];
  if (!by) return;
  rotate(...by);
  event.preventDefault();
  event.stopPropagation();            // the path stays where it is
});
find('heights').addEventListener('click', () => {
  rooted = !rooted;
  find('heights').textContent = rooted ? 'Heights: square root' : 'Heights: loss';
  find('heights').setAttribute('aria-pressed', rooted);
  drawSurface();
});

// ---- the path ----

let now = Math.max(0, pathX.length - 1);
let step = () => {};

if (pathX.length > 0) {
  const mark = draw(plot, 'circle', { class: 'now', r: 4.5, stroke: '#000' });
  const [chart, slider, play] = [find('losses'), find('place'), find('play')];
  slider.max = pathX.length - 1;

  // The losses over the places: their range fills the chart.
  const [wide, tall] = [860, 110];
  const below = pathX.map((px, i) => lossAt(px, pathY[i]));
  const shown = [...pathLosses, ...below].filter(loss => loss !== null);
  const [least, most] = [Math.min(...shown), Math.max(...shown)];
  const atX = i => 60 + i / Math.max(1, pathX.length - 1) * (wide - 72);
  const atY = loss => most > least ? 10 + (most - loss) / (most - least) * (tall - 20) : tall / 2;
  const line = (losses, attributes) => {
    let [text, pen] = ['', 'M'];
    losses.forEach((loss, i) => {
      if (loss !== null) text += `${pen}${atX(i).toFixed(1)},${atY(loss).toFixed(1)}`;
      pen = loss === null ? 'M' : 'L';
    });
    draw(chart, 'path', { d: text, fill: 'none', ...attributes });
  };
  chart.setAttribute('viewBox', `0 0 ${wide} ${tall}`);
  for (const loss of most > least ? [least, most] : [least])
    draw(chart, 'text', { x: 52, y: atY(loss) + 4, 'text-anchor': 'end' }).textContent = number(loss);
  line(below, { class: 'below' });
  line(pathLosses, { class: 'recorded' });
  const dot = draw(chart, 'circle', { class: 'now', r: 4.5 });
  chart.addEventListener('pointermove', event => { if (event.buttons & 1) pick(event); });
  chart.addEventListener('pointerdown', pick);
  function pick(event) {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse());
    step(Math.round((at.x - atX(0)) / (atX(1) - atX(0) || 1)));
  }

  step = to => {
    now = Math.min(pathX.length - 1, Math.max(0, to));
    slider.value = now;
    move(mark, { cx: share(x, pathX[now]) * size, cy: (1 - share(y, pathY[now])) * size });
    dot.style.display = pathLosses[now] === null ? 'none' : '';
    move(dot, { cx: atX(now), cy: atY(pathLosses[now] ?? least) });
    find('at-place').textContent = `place ${now + 1} of ${pathX.length}: loss ${number(pathLosses[now])}`
      + (below[now] === null ? '' : `, on the plane ${number(below[now])}`);
    drawSurface();
  };
  let timer = null;
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = 'Play';
  };
  play.addEventListener('click', () => {
    if (timer) return stop();
    if (now === pathX.length - 1) step(0);
    play.textContent = 'Pause';
    const stride = Math.max(1, Math.round(pathX.length / 120));       // about six seconds for a long path
    timer = setInterval(() => now < pathX.length - 1 ? step(now + stride) : stop(), 50);
  });
  slider.addEventListener('input', () => step(Number(slider.value)));
  addEventListener('keydown', event => {
    const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: pathX.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    step(to);
  });
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawSurface);
addEventListener('resize', drawSurface);
point(null);
step(now);
