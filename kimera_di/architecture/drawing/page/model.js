// What the page knows: boxes (packages, modules, classes) as one tree per lane, and the edges between them.
// Reads the data that Python wrote; touches no element of the page.

const FIRST_BOXES = 140; // so many are open at first, as long as whole levels fit
const MOST_DRAWN = 700; // with more edges only violations and those of the selected box are drawn

const data = JSON.parse(document.getElementById("data").textContent);
const WIRES = data.kinds.indexOf("wires");
const RESOLVES = data.kinds.indexOf("resolves");
const PLAIN = data.kinds.indexOf("runtime");

function counted(count, one, several = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : several}`;
}

// Imports are joined with imports only, and so are steps of the wiring and what asks the container.
function familyOf(kind) {
  return kind === WIRES ? "wires" : kind === RESOLVES ? "resolves" : "imports";
}

function makeBox(id, label, parent, lane) {
  const depth = parent ? parent.depth + 1 : 1;
  const box = { id, label, parent, lane, depth, node: null, children: new Map(), open: false, shown: null };
  return Object.assign(box, { number: -1, modules: 0, faulty: false, element: null, frame: null });
}

// The boxes of one lane: a tree by dotted names, without the packages that only lead to what is in the lane.
function laneRoots(lane, nodes, boxOf) {
  const top = makeBox("", "", null, lane);
  top.depth = 0;
  for (const [number, node] of nodes) {
    let box = top;
    let id = "";
    for (const part of node[0].split(".")) {
      id = id ? `${id}.${part}` : part;
      if (!box.children.has(part)) box.children.set(part, makeBox(id, part, box, lane));
      box = box.children.get(part);
    }
    box.node = node;
    boxOf[number] = box;
  }
  const roots = [];
  const open = [...top.children.values()];
  while (open.length) {
    const box = open.shift();
    if (box.node) roots.push(box);
    else open.push(...box.children.values());
  }
  for (const box of roots) box.parent = null;
  return roots.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function finishTree(roots, boxes, common) {
  const waiting = [...roots].reverse();
  while (waiting.length) {
    const box = waiting.pop();
    box.number = boxes.length;
    box.depth = box.parent ? box.parent.depth + 1 : 1;
    box.children = [...box.children.values()].sort((a, b) => (a.label < b.label ? -1 : 1));
    if (!box.parent) box.label = box.id.startsWith(common) ? box.id.slice(common.length) : box.id;
    boxes.push(box);
    waiting.push(...[...box.children].reverse());
  }
  for (const box of [...boxes].reverse()) {
    if (box.node && box.node[1] !== "class") box.modules += 1;
    if (box.parent) box.parent.modules += box.modules;
  }
}

function makeModel() {
  const boxOf = [];
  const perLane = data.lanes.map(() => []);
  data.nodes.forEach((node, number) => perLane[node[2]].push([number, node]));
  const boxes = [];
  const lanes = [];
  const tops = new Set(data.nodes.map((node) => node[0].split(".")[0]));
  const common = tops.size === 1 ? `${[...tops][0]}.` : "\0";
  perLane.forEach((nodes, lane) => {
    if (!nodes.length) return;
    const roots = laneRoots(lane, nodes, boxOf);
    const own = [];
    finishTree(roots, own, common);
    lanes.push({ label: data.lanes[lane][0], contract: data.lanes[lane][1], roots, size: "" });
    for (const box of own) box.number = boxes.push(box) - 1;
    const modules = roots.reduce((sum, root) => sum + root.modules, 0);
    lanes.at(-1).size = modules ? counted(modules, "module") : counted(nodes.length, "class", "classes");
  });
  const edges = data.edges.map(([from, to, kind, lines, faults], number) => {
    const edge = { number, from: boxOf[from], to: boxOf[to], kind, lines, faults: faults || [] };
    if (edge.faults.length) {
      for (const end of [edge.from, edge.to]) for (let box = end; box; box = box.parent) box.faulty = true;
    }
    return edge;
  });
  return { boxes, lanes, edges };
}

// Open whole levels as long as what is seen then can be taken in.
function openFirst(lanes) {
  let level = lanes.flatMap((lane) => lane.roots);
  let seen = level.length;
  for (;;) {
    const next = level.flatMap((box) => box.children);
    if (!next.length || seen + next.length > FIRST_BOXES) return;
    for (const box of level) box.open = box.children.length > 0;
    seen += next.length;
    level = next;
  }
}

// For every box the one that stands for it: itself, or its outermost closed package.
function updateShown(lanes) {
  const waiting = lanes.flatMap((lane) => lane.roots.map((root) => [root, null]));
  let seen = 0;
  while (waiting.length) {
    const [box, closed] = waiting.pop();
    box.shown = closed || box;
    if (!closed) seen += 1;
    for (const child of box.children) waiting.push([child, closed || (box.open ? null : box)]);
  }
  return seen;
}

// The edges between boxes as they are seen now; imports and wiring stay apart.
function joinEdges(edges, wanted) {
  const joined = new Map();
  for (const edge of edges) {
    const from = edge.from.shown;
    const to = edge.to.shown;
    if (from === to || !wanted(edge)) continue;
    const family = familyOf(edge.kind);
    const key = `${from.number} ${to.number} ${family}`;
    let link = joined.get(key);
    if (!link) joined.set(key, (link = { key, from, to, family, edges: [], faulty: false, kind: edge.kind, path: null }));
    link.edges.push(edge);
    link.kind = Math.min(link.kind, edge.kind);
    link.faulty ||= edge.faults.length > 0;
  }
  return [...joined.values()];
}
