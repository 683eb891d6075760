// What happens when somebody clicks, types or presses a key.

const model = makeModel();
const hidden = new Set(); // kinds that are switched off
let onlyViolations = false;
let links = [];
let selected = null; // { box } or { link: key }
let current = null; // the one box that the tab key reaches

function update() {
  const seen = updateShown(model.lanes);
  const wanted = (edge) => !hidden.has(edge.kind) && (!onlyViolations || edge.faults.length > 0);
  const every = joinEdges(model.edges, wanted);
  const focus = focused(every);
  links = every.length <= MOST_DRAWN ? every : every.filter((link) => link.faulty || focus(link));
  drawEdges(links);
  mark(focus);
  const left = every.length - links.length;
  const most = left ? `, ${left.toLocaleString("en")} more when a box is selected` : "";
  document.getElementById("status").textContent =
    `${seen.toLocaleString("en")} of ${model.boxes.length.toLocaleString("en")} boxes, ${counted(links.length, "edge")}${most}`;
  return every;
}

function focused(every) {
  if (!selected) return () => false;
  if (selected.link) return (link) => link.key === selected.link;
  const inside = new Set([selected.box.shown]);
  if (!every.some((link) => inside.has(link.from) || inside.has(link.to))) return () => false;
  return (link) => inside.has(link.from) || inside.has(link.to);
}

function mark(focus) {
  const group = document.getElementById("paths");
  const hot = links.filter(focus);
  group.classList.toggle("focused", hot.length > 0);
  for (const link of links) link.path.classList.toggle("hot", focus(link));
  for (const element of document.querySelectorAll(".selected, .related")) element.classList.remove("selected", "related");
  for (const link of hot) for (const box of [link.from, link.to]) box.element.classList.add("related");
  if (selected && selected.box && selected.box.element) selected.box.element.classList.add("selected");
}

function selectBox(box, { scroll = true } = {}) {
  reveal(box);
  selected = { box };
  const every = update();
  showBox(box, every, selectLink);
  moveTo(box, { focus: false });
  if (scroll) box.element.scrollIntoView({ block: "center", inline: "nearest" });
}

function selectLink(link) {
  selected = { link: link.key };
  update();
  showLink(link, selectBox);
  document.getElementById("panel").focus({ preventScroll: true });
}

function selectEdge(edge) {
  reveal(edge.from);
  reveal(edge.to);
  hidden.delete(edge.kind);
  const toggle = document.querySelector(`[data-kind="${edge.kind}"]`);
  if (toggle) toggle.checked = true;
  updateShown(model.lanes);
  selected = { link: `${edge.from.shown.number} ${edge.to.shown.number} ${familyOf(edge.kind)}` };
  update();
  const link = links.find((each) => each.key === selected.link);
  showLink(link, selectBox);
  link.from.element.scrollIntoView({ block: "center", inline: "nearest" });
}

function selectNothing() {
  selected = null;
  update();
  showSummary(model, selectEdge);
}

function toggle(box, open = !box.open) {
  setOpen(box, open);
  if (selected && (selected.link || (selected.box && !selected.box.element))) selected = null;
  const every = update();
  if (selected) showBox(selected.box, every, selectLink);
  if (current && !current.element) moveTo(box, { focus: false });
}

function toggleAll(open) {
  const waiting = model.lanes.flatMap((lane) => lane.roots);
  while (waiting.length) {
    const box = waiting.pop();
    setOpen(box, open);
    if (open) waiting.push(...box.children);
  }
  current = model.lanes.length ? model.lanes[0].roots[0] : null;
  if (current) moveTo(current, { focus: false });
  selectNothing();
}

function search(text) {
  for (const element of document.querySelectorAll(".match, .holds-match")) {
    element.classList.remove("match", "holds-match");
  }
  const wanted = text.trim().toLowerCase();
  if (!wanted) return showSummary(model, selectEdge), [];
  const found = model.boxes.filter((box) => box.id.toLowerCase().includes(wanted));
  for (const box of found) {
    if (box.element) box.element.classList.add("match");
    else box.shown.element.classList.add("holds-match");
  }
  showResults(text.trim(), found, selectBox);
  return found;
}

// --- keys ---

function moveTo(box, { focus = true } = {}) {
  if (current && current.element) current.element.tabIndex = -1;
  current = box;
  box.element.tabIndex = 0;
  if (focus) box.element.focus();
}

function boxOfElement(element) {
  const found = element.closest("[data-box]");
  return found ? model.boxes[Number(found.dataset.box)] : null;
}

function onTreeKey(event) {
  const box = boxOfElement(event.target);
  if (!box) return;
  const seen = [...document.querySelectorAll("[data-box]")];
  const at = seen.indexOf(box.element);
  const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: seen.length - 1 };
  if (event.key in steps) {
    const next = seen[Math.max(0, Math.min(seen.length - 1, steps[event.key]))];
    moveTo(boxOfElement(next));
  } else if (event.key === "ArrowRight" && box.children.length) {
    if (box.open) moveTo(box.children[0]);
    else toggle(box, true);
  } else if (event.key === "ArrowLeft") {
    if (box.open) toggle(box, false);
    else if (box.parent) moveTo(box.parent);
  } else if (event.key === " ") toggle(box);
  else if (event.key === "Enter") selectBox(box);
  else return;
  event.preventDefault();
}

function onPageKey(event) {
  const field = document.getElementById("search");
  if (event.key === "/" && event.target !== field) {
    event.preventDefault();
    field.focus();
  } else if (event.key === "Escape") {
    field.value = "";
    search("");
    selectNothing();
    if (current && current.element) current.element.focus({ preventScroll: true });
  }
}

function onClick(event) {
  const box = boxOfElement(event.target);
  if (box && event.target.classList.contains("twisty")) return toggle(box);
  if (box) return selectBox(box, { scroll: false });
  const at = linkAt(event.clientX, event.clientY);
  if (at !== null) selectLink(links[at]);
  else if (selected) selectNothing();
}

// --- switches ---

function addSwitch(text, sample, checked, onChange) {
  const label = make("label");
  const input = make("input");
  input.type = "checkbox";
  input.checked = checked;
  input.addEventListener("change", () => onChange(input.checked));
  label.append(input, make("span", `sample ${sample}`), make("span", "", text));
  document.getElementById("kinds").append(label);
  return input;
}

function addSwitches() {
  data.kinds.forEach((name, kind) => {
    const count = model.edges.filter((edge) => edge.kind === kind).length;
    if (!count) return;
    const sample = kind === PLAIN ? "" : kind === WIRES ? "wires" : kind === RESOLVES ? "wires dashed" : "dashed";
    const input = addSwitch(`${name} ${count.toLocaleString("en")}`, sample, true, (checked) => {
      if (checked) hidden.delete(kind);
      else hidden.add(kind);
      refresh();
    });
    input.dataset.kind = kind;
  });
  if (!model.edges.some((edge) => edge.faults.length)) return;
  addSwitch("only violations", "violation", false, (checked) => {
    onlyViolations = checked;
    refresh();
  }).id = "only-violations";
}

function refresh() {
  const every = update();
  if (selected && selected.box) showBox(selected.box, every, selectLink);
}

document.getElementById("title").textContent = data.title;
openFirst(model.lanes);
showLanes(model.lanes);
addSwitches();
if (model.lanes.length) moveTo(model.lanes[0].roots[0], { focus: false });
selectNothing();

document.getElementById("expand").addEventListener("click", () => toggleAll(true));
document.getElementById("collapse").addEventListener("click", () => toggleAll(false));
document.getElementById("picture").addEventListener("click", onClick);
document.getElementById("picture").addEventListener("dblclick", (event) => {
  const box = boxOfElement(event.target);
  if (box && box.children.length) toggle(box);
});
document.getElementById("lanes").addEventListener("keydown", onTreeKey);
document.addEventListener("keydown", onPageKey);
const field = document.getElementById("search");
let found = [];
field.addEventListener("input", () => (found = search(field.value)));
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && found.length) selectBox(found[0]);
});
let width = 0;
new ResizeObserver(([entry]) => {
  if (entry.contentRect.width === width) return; // opening a package redraws by itself
  width = entry.contentRect.width;
  update();
}).observe(document.getElementById("lanes"));
document.documentElement.dataset.ready = Math.round(performance.now()); // milliseconds, for tests
