/* The calendar for hands that drag and for those that use keys. Every link in it works without this file. */

const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const grid = document.querySelector(".day-grid");
const ROW_MINUTES = 5;
const STEP_ROWS = 3;

/* A session that is dragged to another time or column opens its move form there; nothing moves before that is sent. */

let dragged = null;
let held = 0;
const drop = Object.assign(document.createElement("div"), { className: "drop", hidden: true });

function rowUnder(body, y) {
  const box = body.getBoundingClientRect();
  const rows = Number(body.querySelector(".lines").className.match(/len-(\d+)/)[1]);
  const row = Math.round((((y - box.top) / box.height) * rows - held) / STEP_ROWS) * STEP_ROWS;
  return Math.max(0, Math.min(row, rows - STEP_ROWS)) + 1;
}

function clockAt(row) {
  const minute = Number(grid.dataset.first) * 60 + (row - 1) * ROW_MINUTES;
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

function begin(event) {
  dragged = event.target.closest(".block[data-move]");
  if (!dragged) return;
  const box = dragged.getBoundingClientRect();
  held = ((event.clientY - box.top) / box.height) * Number(dragged.dataset.rows);
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.move);
  dragged.classList.add("is-dragged");
}

function over(event) {
  const body = event.target.closest?.(".column-body[data-column]");
  drop.hidden = !body || !dragged;
  if (drop.hidden) return;
  event.preventDefault();
  if (drop.parentElement !== body) body.append(drop);
  drop.className = `drop from-${rowUnder(body, event.clientY)} len-${dragged.dataset.rows}`;
}

function end() {
  dragged?.classList.remove("is-dragged");
  dragged = null;
  drop.remove();
}

function dropped(event) {
  const body = event.target.closest?.(".column-body[data-column]");
  if (!body || !dragged) return;
  event.preventDefault();
  const wanted = new URLSearchParams({
    day: grid.dataset.day,
    at: clockAt(rowUnder(body, event.clientY)),
    [grid.dataset.by]: body.dataset.column,
  });
  location.assign(`${dragged.dataset.move}?${wanted}`);
}

/* Of a column's free quarters one can be tabbed to; the arrow keys go on from there. */

function rove() {
  for (const column of all(".column", grid)) {
    for (const [place, slot] of all(".slot", column).entries()) slot.tabIndex = place ? -1 : 0;
  }
}

function go(from, to) {
  if (!to) return false;
  from.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
  return true;
}

function beside(slot, by) {
  const columns = all(".column", grid).filter((column) => column.querySelector(".slot"));
  const column = columns[columns.indexOf(slot.closest(".column")) + by];
  const row = (one) => Number(one.className.match(/from-(\d+)/)[1]);
  return column && all(".slot", column).reduce((best, one) =>
    Math.abs(row(one) - row(slot)) < Math.abs(row(best) - row(slot)) ? one : best);
}

function keyed(event) {
  const slot = event.target.closest?.(".slot");
  if (!slot || event.altKey || event.ctrlKey || event.metaKey) return;
  const slots = all(".slot", slot.closest(".column"));
  const place = slots.indexOf(slot);
  const moves = {
    ArrowDown: () => go(slot, slots[place + 1]),
    ArrowUp: () => go(slot, slots[place - 1]),
    ArrowRight: () => go(slot, beside(slot, 1)),
    ArrowLeft: () => go(slot, beside(slot, -1)),
    Home: () => go(slot, slots[0]),
    End: () => go(slot, slots.at(-1)),
  };
  if (moves[event.key]?.()) event.preventDefault();
}

/* A free time beside the booking form is put into it, and what speaks against it is looked up anew. */

document.addEventListener("click", (event) => {
  const time = event.target.closest("a[data-at]");
  const field = document.querySelector("#at");
  if (!time || !field || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  field.value = time.dataset.at;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
});

if (grid) {
  for (const block of all(".block[data-move]", grid)) {
    block.draggable = true;
    for (const link of all("a", block)) link.draggable = false;
  }
  grid.addEventListener("dragstart", begin);
  grid.addEventListener("dragover", over);
  grid.addEventListener("drop", dropped);
  grid.addEventListener("dragend", end);
  grid.addEventListener("keydown", keyed);
  rove();
}
