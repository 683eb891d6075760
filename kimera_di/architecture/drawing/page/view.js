// Boxes and lanes as elements. Text goes in as text only, never as markup.

function make(tag, classes, text) {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  if (text !== undefined) element.textContent = text;
  return element;
}

function kindOf(box) {
  if (!box.node) return "package";
  return box.node[1];
}

function boxElement(box) {
  const element = make("div", `box ${kindOf(box)}${box.faulty ? " faulty" : ""}`);
  element.dataset.box = box.number;
  element.title = box.id;
  element.tabIndex = -1;
  element.setAttribute("role", "treeitem");
  element.setAttribute("aria-level", box.depth);
  element.setAttribute("aria-label", box.faulty ? `${box.id}, in violations` : box.id);
  if (box.children.length) {
    element.append(make("span", "twisty", "+"));
    element.setAttribute("aria-expanded", "false");
  }
  element.append(make("span", "name", box.label));
  if (box.children.length && box.modules > 1) element.append(make("span", "count", box.modules));
  return element;
}

function frameElement(box) {
  box.element = boxElement(box);
  if (!box.children.length) return box.element;
  box.frame = make("div", "frame");
  box.frame.append(box.element);
  if (box.open) showChildren(box);
  return box.frame;
}

// Children become elements when their package is opened first.
function showChildren(box) {
  const waiting = [box];
  while (waiting.length) {
    const opened = waiting.pop();
    opened.frame.classList.add("open");
    opened.element.setAttribute("aria-expanded", "true");
    opened.element.querySelector(".twisty").textContent = "\u2212";
    if (opened.frame.children.length === 1) {
      const group = make("div", "children");
      group.setAttribute("role", "group");
      for (const child of opened.children) {
        const wasOpen = child.open;
        child.open = false;
        group.append(frameElement(child));
        child.open = wasOpen;
      }
      opened.frame.append(group);
    }
    waiting.push(...opened.children.filter((child) => child.open));
  }
}

function hideChildren(box) {
  box.frame.classList.remove("open");
  box.element.setAttribute("aria-expanded", "false");
  box.element.querySelector(".twisty").textContent = "+";
  box.frame.lastElementChild.remove();
  const waiting = [...box.children];
  while (waiting.length) {
    const child = waiting.pop();
    child.element = child.frame = null;
    child.open = false;
    waiting.push(...child.children);
  }
}

function setOpen(box, open) {
  if (!box.children.length || box.open === open) return;
  box.open = open;
  if (open) showChildren(box);
  else hideChildren(box);
}

function showLanes(lanes) {
  const place = document.getElementById("lanes");
  for (const lane of lanes) {
    const section = make("section", "lane");
    section.setAttribute("role", "group");
    section.setAttribute("aria-label", lane.label);
    const heading = make("h2", "", lane.label);
    heading.append(make("small", "", lane.size));
    if (lane.contract) heading.title = `contract ${lane.contract}`;
    const row = make("div", "children");
    row.append(...lane.roots.map(frameElement));
    section.append(heading, row);
    place.append(section);
  }
}

// Open everything a box is in, so that it can be seen.
function reveal(box) {
  const closed = [];
  for (let above = box.parent; above; above = above.parent) if (!above.open) closed.push(above);
  for (const above of closed.reverse()) setOpen(above, true);
}
