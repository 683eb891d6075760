// Edges as curves below the boxes, so that no label is crossed.

const SVG = "http://www.w3.org/2000/svg";

function place(element, origin) {
  const rect = element.getBoundingClientRect();
  return {
    left: rect.left - origin.left,
    right: rect.right - origin.left,
    top: rect.top - origin.top,
    bottom: rect.bottom - origin.top,
    middle: (rect.left + rect.right) / 2 - origin.left,
  };
}

// Where an edge leaves or enters: shifted towards the other end, so that edges of one box stand apart.
function port(box, towards) {
  const room = Math.max(0, (box.right - box.left) / 2 - 8);
  const shift = (towards.middle - box.middle) * 0.3;
  return box.middle + Math.max(-room, Math.min(room, shift));
}

function curve(from, to) {
  const x1 = port(from, to);
  const x2 = port(to, from);
  if (from.bottom <= to.top) return bend(x1, from.bottom, x2, to.top);
  if (to.bottom <= from.top) return bend(x1, from.top, x2, to.bottom);
  const dip = Math.min(12 + Math.abs(x2 - x1) * 0.05, 30);
  const y1 = from.bottom;
  const y2 = to.bottom;
  return `M${x1} ${y1}C${x1} ${y1 + dip} ${x2} ${y2 + dip} ${x2} ${y2}`;
}

// Steep edges bow sideways, down to the right and up to the left: boxes below each other would hide them.
function bend(x1, y1, x2, y2) {
  const reach = (y2 - y1) * 0.45;
  const length = Math.abs(y2 - y1);
  const steep = Math.max(0, 1 - Math.abs(x2 - x1) / 60);
  const bow = length > 80 ? Math.sign(y2 - y1) * steep * Math.min(110, length * 0.3) : 0;
  const side = Math.sign(bow) * Math.min(8, Math.abs(bow));
  return `M${x1 + side} ${y1}C${x1 + bow} ${y1 + reach} ${x2 + bow} ${y2 - reach} ${x2 + side} ${y2}`;
}

function classesOf(link) {
  const classes = [];
  if (link.family !== "imports") classes.push("wires");
  if (link.kind !== PLAIN && link.family !== "wires") classes.push("dashed");
  if (link.faulty) classes.push("violation");
  return classes.join(" ");
}

function drawEdges(links) {
  const picture = document.getElementById("picture");
  const origin = picture.getBoundingClientRect();
  const places = new Map();
  const placed = (box) => {
    if (!places.has(box)) places.set(box, place(box.element, origin));
    return places.get(box);
  };
  // All places are read before anything is written: the browser lays the page out once.
  const curves = links.map((link) => curve(placed(link.from), placed(link.to)));
  const group = document.createElementNS(SVG, "g");
  group.id = "paths";
  // Violations last, so that they are above the others.
  const order = links.map((_, at) => at).sort((a, b) => links[a].faulty - links[b].faulty || a - b);
  for (const at of order) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", curves[at]);
    path.setAttribute("class", classesOf(links[at]));
    path.dataset.link = at;
    links[at].path = path;
    group.append(path);
  }
  group.classList.toggle("many", links.length > 120);
  group.classList.toggle("crowded", links.length > 250);
  group.classList.toggle("alarming", links.filter((link) => link.faulty).length > 60);
  document.getElementById("paths").replaceWith(group);
  const svg = document.getElementById("edges");
  svg.setAttribute("width", origin.width);
  svg.setAttribute("height", origin.height);
}

// The edge at a point, or a few pixels beside it: lines are thin.
function linkAt(x, y) {
  for (const [dx, dy] of [[0, 0], [3, 0], [-3, 0], [0, 3], [0, -3], [5, 5], [-5, 5], [5, -5], [-5, -5]]) {
    const found = document.elementFromPoint(x + dx, y + dy);
    if (found && found.dataset.link !== undefined) return Number(found.dataset.link);
  }
  return null;
}
