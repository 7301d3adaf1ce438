'use strict';
// Where the boxes of a graph stand. Each open fold is laid out by itself and is then one box of what is around it, so
// that no two boxes overlap;
// what comes from outside enters it by an inlet at its left. In a fold: layers by the longest path, order by the mean of the
// neighbours' places, then heights pulled towards the neighbours.

const Box = { width: 116, folded: 150, height: 44, gapX: 32, gapY: 12, pad: 10, title: 20 };

/** Places of all visible items and inlets by key, and the bends of edges by 'from>to'. */
function layOut(graph) {
  const places = new Map(), bends = new Map();
  const root = layFold(graph, -1);
  move(root, 0, 0, places, bends);
  return { places, bends, width: root.width, height: root.height };
}

function move(item, x, y, places, bends) {
  places.set(item.key, { x, y, width: item.width, height: item.height, open: !!item.parts });
  if (!item.parts) return;
  for (const part of item.parts) move(part, x + part.x, y + part.y, places, bends);
  for (const bend of item.bends) {
    const points = bend.points.map(point => ({ x: x + point.x, y: y + point.y }));
    bends.set(bend.key, points);
  }
}

/** One fold (−1: the whole), with its parts' places inside it. */
function layFold(graph, fold) {
  const parts = graph.partsOf(fold).map(key => {
    const inner = graph.opensAs(key);
    const width = key[0] === 'f' ? Box.folded : Box.width;
    const part = inner === null ? { width, height: Box.height, middle: Box.height / 2 } : layFold(graph, inner);
    part.key = key;
    return Object.assign(part, { into: [], from: [] });
  });
  const byKey = new Map(parts.map(part => [part.key, part]));
  const edges = graph.edgesIn(fold).map(([from, to]) => {
    if (!byKey.has(from)) {
      const inlet = { key: from, width: 0, height: 8, middle: 4, inlet: true, into: [], from: [] };
      byKey.set(from, inlet);
      parts.splice(1, 0, inlet);       // between weight and bias
    }
    return { from: byKey.get(from), to: byKey.get(to) };
  });
  for (const edge of edges) { edge.from.into.push(edge.to); edge.to.from.push(edge.from); }
  const layers = inLayers(parts, edges);
  order(layers);
  const size = spread(layers);
  const top = fold < 0 ? Box.pad : Box.pad + Box.title;
  for (const layer of layers) for (const part of layer) { part.x += Box.pad; part.y += top; }
  const ends = edges.filter(edge => edge.bends.length).map(edge => ({
    key: `${edge.from.key}>${edge.to.key}`,
    points: edge.bends.map(bend => ({ x: bend.x + bend.width / 2, y: bend.y + bend.height / 2 })),
  }));
  return {
    key: fold < 0 ? 'root' : `f${fold}`, parts, bends: ends,
    width: size.width + 2 * Box.pad, height: size.height + top + Box.pad, middle: enters(parts, top + size.height / 2),
  };
}

/** At which height a fold is entered: what comes before it stands there too. */
function enters(parts, middle) {
  const inlets = parts.filter(part => part.inlet);
  return inlets.length ? inlets.reduce((sum, part) => sum + part.y + part.middle, 0) / inlets.length : middle;
}

/** The parts by the longest path to them; long edges get a bend in each layer that they cross. */
function inLayers(parts, edges) {
  const depth = new Map();
  const waiting = new Map(parts.map(part => [part, part.from.length]));
  const ready = parts.filter(part => part.from.length === 0);
  for (const part of ready) depth.set(part, 0);
  while (ready.length) {
    const part = ready.pop();
    for (const next of part.into) {
      depth.set(next, Math.max(depth.get(next) ?? 0, depth.get(part) + 1));
      waiting.set(next, waiting.get(next) - 1);
      if (waiting.get(next) === 0) ready.push(next);
    }
  }
  // What nothing leads to (a parameter) stands just before its first use.
  for (const part of parts)
    if (!part.inlet && !part.from.length && part.into.length)
      depth.set(part, Math.min(...part.into.map(next => depth.get(next))) - 1);
  const least = Math.min(...depth.values(), 0);
  for (const part of parts) if (part.inlet) depth.set(part, least);
  const layers = [];
  const put = (part, layer) => { part.layer = layer; (layers[layer] ??= []).push(part); };
  for (const part of parts) { part.before = []; part.after = []; put(part, depth.get(part) - least); }
  for (const edge of edges) {
    edge.bends = [];
    let last = edge.from;
    for (let layer = edge.from.layer + 1; layer < edge.to.layer; layer++) {
      const bend = { width: 0, height: 8, middle: 4, before: [last], after: [], bend: true };
      put(bend, layer);
      last.after.push(bend);
      edge.bends.push(bend);
      last = bend;
    }
    last.after.push(edge.to);
    edge.to.before.push(last);
  }
  for (let i = 0; i < layers.length; i++) layers[i] ??= [];
  return layers;
}

function order(layers) {
  const place = layer => layer.forEach((part, i) => { part.place = i; });
  layers.forEach(place);
  const sort = (layer, side) => {
    for (const part of layer) {
      const near = part[side];
      part.wish = near.length ? near.reduce((sum, other) => sum + other.place, 0) / near.length : part.place;
    }
    layer.sort((a, b) => a.wish - b.wish || a.place - b.place);
    place(layer);
  };
  for (let round = 0; round < 6; round++) {
    for (let i = 1; i < layers.length; i++) sort(layers[i], 'before');
    for (let i = layers.length - 2; i >= 0; i--) sort(layers[i], 'after');
  }
}

function spread(layers) {
  let x = 0;
  for (const layer of layers) {
    const width = Math.max(0, ...layer.map(part => part.width));
    let y = 0;
    for (const part of layer) {
      part.x = part.inlet ? x : x + (width - part.width) / 2;
      part.y = y;
      y += part.height + Box.gapY;
    }
    x += width + Box.gapX;
  }
  const middle = part => part.y + part.middle;
  for (let round = 0; round < 10; round++) {
    const side = round % 2 ? 'after' : 'before';
    const way = round % 2 ? [...layers].reverse() : layers;
    for (const layer of way) settle(layer, layer.map(part => {
      const near = part[side].length ? part[side] : part[side === 'before' ? 'after' : 'before'];
      if (!near.length) return part.y;
      return near.reduce((sum, other) => sum + middle(other), 0) / near.length - part.middle;
    }));
  }
  let top = Infinity, bottom = 0;
  for (const layer of layers) for (const part of layer) top = Math.min(top, part.y);
  for (const layer of layers) for (const part of layer) {
    part.y -= top;
    bottom = Math.max(bottom, part.y + part.height);
  }
  return { width: Math.max(0, x - Box.gapX), height: bottom };
}

/** As near to the wishes as the order allows: runs of parts that touch share their mean wish. */
function settle(layer, wishes) {
  const runs = [];
  layer.forEach((part, i) => {
    let run = { parts: [part], offsets: [0], sum: wishes[i], height: part.height };
    while (runs.length) {
      const last = runs[runs.length - 1];
      const end = last.sum / last.parts.length + last.height + Box.gapY;
      if (end <= run.sum / run.parts.length) break;
      const shift = last.height + Box.gapY;
      runs.pop();
      run = {
        parts: [...last.parts, ...run.parts], offsets: [...last.offsets, ...run.offsets.map(offset => offset + shift)],
        sum: last.sum + run.sum - shift * run.parts.length, height: shift + run.height,
      };
    }
    runs.push(run);
  });
  for (const run of runs)
    run.parts.forEach((part, i) => { part.y = run.sum / run.parts.length + run.offsets[i]; });
}
