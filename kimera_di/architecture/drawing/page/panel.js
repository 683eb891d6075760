// The panel at the side: what was found, one box with its neighbours, or one edge with its lines.

const MOST_LISTED = 300;

function panel(...parts) {
  const place = document.getElementById("panel");
  place.replaceChildren(...parts);
  place.scrollTop = 0;
}

function list(items, toButton) {
  const every = make("ul");
  for (const item of items.slice(0, MOST_LISTED)) every.append(toButton(item));
  if (items.length > MOST_LISTED) every.append(make("li", "faint", `and ${items.length - MOST_LISTED} more`));
  return every;
}

function choice(text, faulty, then) {
  const item = make("li", faulty ? "faulty" : "");
  const button = make("button", "", text);
  button.type = "button";
  button.addEventListener("click", then);
  item.append(button);
  return item;
}


function showSummary(model, selectEdge) {
  const broken = model.edges.filter((edge) => edge.faults.length);
  const imports = model.edges.filter((edge) => familyOf(edge.kind) === "imports").length;
  const modules = data.nodes.filter((node) => node[1] !== "class").length;
  const parts = [
    make("h2", "", data.title),
    make("p", "", `${counted(modules, "module")}, ${counted(imports, "import")}`),
    make("p", "faint", "Click a box for what it imports and who imports it, an edge for its lines, + for what is inside. " +
      "Arrow keys walk through the boxes, Enter selects, Escape goes back."),
    make("h3", "", broken.length ? counted(broken.length, "violation") : "No violations"),
    list(broken, (edge) => choice(`${edge.from.id} \u2192 ${edge.to.id}`, true, () => selectEdge(edge))),
  ];
  if (data.unseen.length) {
    parts.push(make("h3", "", `${counted(data.unseen.length, "file")} could not be read`));
    parts.push(list(data.unseen, ([file, reason]) => make("li", "", `${file}: ${reason}`)));
  }
  panel(...parts);
}

function showBox(box, links, selectLink) {
  const parts = [make("h2", "", box.id)];
  if (box.node) {
    const [, kind, , layer, file] = box.node;
    parts.push(make("p", "faint", layer ? `${kind} in ${layer}` : kind));
    if (file !== null) parts.push(make("code", "", data.files[file]));
  }
  if (box.children.length) parts.push(make("p", "faint", counted(box.modules, "module")));
  const groups = [
    ["imports", (link) => link.family === "imports" && link.from === box, (link) => link.to],
    ["imported by", (link) => link.family === "imports" && link.to === box, (link) => link.from],
    ["is given, or bound to", (link) => link.family === "wires" && link.from === box, (link) => link.to],
    ["given to, or bound for", (link) => link.family === "wires" && link.to === box, (link) => link.from],
    ["asks for services", (link) => link.family === "resolves" && link.from === box, (link) => link.to],
    ["asked for services by", (link) => link.family === "resolves" && link.to === box, (link) => link.from],
  ];
  let alone = true;
  for (const [title, belongs, other] of groups) {
    const some = links.filter(belongs).sort((a, b) => (other(a).id < other(b).id ? -1 : 1));
    if (!some.length) continue;
    alone = false;
    parts.push(make("h3", "", `${title} (${some.length})`));
    const text = (link) => other(link).id + (link.edges.length > 1 ? ` (${link.edges.length})` : "");
    parts.push(list(some, (link) => choice(text(link), link.faulty, () => selectLink(link))));
  }
  if (alone) parts.push(make("p", "faint", "Nothing leads here, and nothing leads away."));
  panel(...parts);
}

function placeText([file, line]) {
  if (file === null) return "(no source)";
  return line === null ? data.files[file] : `${data.files[file]}:${line}`;
}

function showLink(link, selectBox) {
  const ends = make("ul");
  for (const box of [link.from, link.to]) ends.append(choice(box.id, false, () => selectBox(box)));
  const parts = [make("h2", "", `${link.from.id} \u2192 ${link.to.id}`), ends];
  const edges = [...link.edges].sort((a, b) => (b.faults.length > 0) - (a.faults.length > 0));
  parts.push(make("h3", "", counted(edges.length, { imports: "import", wires: "wiring step", resolves: "look-up" }[link.family])));
  const lines = list(edges, (edge) => {
    const item = make("li", edge.faults.length ? "faulty" : "");
    if (edges.length > 1 || edge.from !== link.from || edge.to !== link.to) {
      item.append(make("p", "", `${edge.from.id} \u2192 ${edge.to.id}`));
    }
    for (const line of edge.lines) {
      const row = make("p");
      row.append(make("code", "place", placeText(line)), make("span", "faint", ` ${data.kinds[line[2]]}`));
      item.append(row);
    }
    for (const [contract, message] of edge.faults) item.append(make("p", "message", `${contract}: ${message}`));
    return item;
  });
  parts.push(lines);
  panel(...parts);
}

function showResults(text, found, selectBox) {
  panel(
    make("h2", "", `${counted(found.length, "box", "boxes")} with \u201c${text}\u201d`),
    list(found, (box) => choice(box.id, box.faulty, () => selectBox(box))),
  );
}
