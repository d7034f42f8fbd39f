/* What makes the desk quicker for hands that know it. Every page works without this file. */

const one = (selector, inside = document) => inside.querySelector(selector);
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const isTypedInto = (element) => element.matches?.("input:not([type=checkbox], [type=radio]), textarea, select");
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const wordsOf = (text) => folded(text).split(/\s+/).filter(Boolean);

/* Lists filter as one types: <input data-filter="#list">. */

function rowsOf(list) {
  return list.tBodies ? [...list.tBodies].flatMap((body) => [...body.rows]) : [...list.children];
}

function filterList(input) {
  const list = one(input.dataset.filter);
  if (!list) return;
  const words = wordsOf(input.value);
  const rows = rowsOf(list);
  for (const row of rows) {
    const text = folded(row.textContent);
    row.hidden = !words.every((word) => text.includes(word));
  }
  const shown = rows.filter((row) => !row.hidden).length;
  const told = one("output", input.parentElement);
  if (told) told.textContent = words.length ? `${shown} of ${rows.length}` : "";
}

function openFirst(input) {
  const row = rowsOf(one(input.dataset.filter)).find((found) => !found.hidden);
  if (row) one("a", row)?.click();
}

/* What only a script can do is offered only where there is one. */

const widths = new ResizeObserver((changes) => {
  for (const { target } of changes) {
    target.classList.toggle("fits", one("table", target).offsetWidth <= target.clientWidth);
  }
});

function begin(inside) {
  for (const wrap of all(".table-wrap", inside)) if (one("table", wrap)) widths.observe(wrap);
  for (const offer of all("[data-script]", inside)) offer.hidden = false;
  for (const input of all("[data-filter]", inside)) filterList(input);
}

/* The palette: / or Ctrl-K. What is typed is looked up on the server, and filters the places to go. */

const PAUSE = 140;
const palette = one("#palette");
const paletteInput = one("#palette-q");
const found = one("#palette-found");
const places = one("#palette-places");
let pause = 0;
let answered = "";

function openPalette(typed = "") {
  if (!palette || palette.open || one("dialog[open]")) return;
  palette.showModal();
  paletteInput.value = typed;
  found.replaceChildren();
  answered = "";
  look();
}

function choices() {
  return all("a", palette).filter((link) => link.checkVisibility());
}

function choose(link) {
  for (const other of all("[aria-selected=true]", palette)) other.setAttribute("aria-selected", "false");
  if (!link) {
    paletteInput.removeAttribute("aria-activedescendant");
    return;
  }
  link.setAttribute("aria-selected", "true");
  link.scrollIntoView({ block: "nearest" });
  paletteInput.setAttribute("aria-activedescendant", link.id);
}

function nameChoices() {
  for (const [place, link] of all("a", palette).entries()) {
    link.id = `palette-${place}`;
    link.tabIndex = -1;
    link.setAttribute("role", "option");
  }
}

function look() {
  const words = wordsOf(paletteInput.value);
  for (const row of places.children) {
    row.hidden = !words.every((word) => folded(row.textContent).includes(word));
  }
  one("#palette-places-head").hidden = ![...places.children].some((row) => !row.hidden);
  clearTimeout(pause);
  if (words.length) pause = setTimeout(() => htmx.trigger(one("form", palette), "search-wanted"), PAUSE);
  else found.replaceChildren();
  nameChoices();
  choose(words.length ? choices()[0] : null);
}

function step(by) {
  const links = choices();
  const now = links.findIndex((link) => link.getAttribute("aria-selected") === "true");
  choose(links[now < 0 ? (by > 0 ? 0 : links.length - 1) : (now + by + links.length) % links.length]);
}

function inPalette(event) {
  const chosen = one("[aria-selected=true]", palette);
  const isAnswered = answered === paletteInput.value.trim();
  if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event.key === "ArrowDown" ? 1 : -1);
  else if (event.key !== "Enter" || event.target !== paletteInput) return;
  else if (chosen && (isAnswered || places.contains(chosen))) chosen.click();
  else if (paletteInput.value.trim()) return;
  event.preventDefault();
}

if (palette) {
  paletteInput.addEventListener("input", look);
  palette.addEventListener("keydown", inPalette);
  palette.addEventListener("click", (event) => {
    if (event.target === palette || event.target.closest("[data-close]")) palette.close();
  });
  found.addEventListener("htmx:beforeSwap", (event) => {
    if (!paletteInput.value.trim()) event.detail.shouldSwap = false;
  });
  found.addEventListener("htmx:afterSwap", () => {
    answered = paletteInput.value.trim();
    nameChoices();
    choose(choices()[0]);
  });
  one("#search")?.addEventListener("click", (event) => {
    if (!event.target.value) openPalette();
  });
}

/* What was typed is not lost by walking away, and nothing is sent twice by pressing twice. */

const AGAIN = 8000;

function hasUnsaved(inside = document) {
  return all("form[data-dirty]", inside).length > 0 || inside.matches?.("form[data-dirty]");
}

function setButtons(form, areOff) {
  for (const button of form.elements) if (button.type === "submit") button.disabled = areOff;
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-filter]")) filterList(event.target);
  const form = event.target.form;
  if (form?.matches("form[data-warn]")) form.dataset.dirty = "";
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  delete form.dataset.dirty;
  if (form.target === "_blank" || form.method === "dialog") return;
  setTimeout(() => setButtons(form, true));
  setTimeout(() => setButtons(form, false), AGAIN);
});

window.addEventListener("beforeunload", (event) => {
  if (hasUnsaved()) event.preventDefault();
});

window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) setButtons(form, false);
});

/* Keys and clicks of the whole page. A key alone can be switched off, on one's account page, for who speaks to a computer. */

const SLASH = "slash";
const slash = one("[data-slash]");

if (slash) {
  slash.checked = localStorage.getItem(SLASH) !== "off";
  slash.addEventListener("change", () => localStorage.setItem(SLASH, slash.checked ? "on" : "off"));
}

function opensPalette(event, key, isCommand) {
  if (isCommand) return key === "k";
  return key === "/" && !isTypedInto(event.target) && localStorage.getItem(SLASH) !== "off";
}

const OPENED = "main :is(.disclosure, .chip-why)[open]";

function close(opened) {
  opened.open = false;
  one("summary", opened).focus();
}

function save(event) {
  const forms = all("main form[data-warn]");
  const form = event.target.closest?.("form[data-warn]") ?? (forms.length === 1 ? forms[0] : null);
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(one("button[data-save]", form) ?? one("button:not([type=button])", form));
}

function goBack(event) {
  if (one("dialog[open], :popover-open")) return;
  const opened = event.target.closest?.("details[open]") ?? all(OPENED).at(-1);
  if (event.target.matches?.("[data-filter]") && event.target.value) {
    event.target.value = "";
    filterList(event.target);
  } else if (opened) close(opened);
  else if (isTypedInto(event.target)) event.target.blur();
  else one("main a[data-back]")?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const isCommand = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (opensPalette(event, key, isCommand)) {
    event.preventDefault();
    openPalette();
  } else if (isCommand && key === "s") save(event);
  else if (key === "enter" && event.target.matches?.("[data-filter]")) {
    event.preventDefault();
    openFirst(event.target);
  } else if (key === "escape") goBack(event);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
  for (const opened of all("details.disclosure[open]:not(.stays)")) {
    if (!opened.contains(event.target) && !hasUnsaved(opened)) opened.open = false;
  }
});

/* Partial answers: a login that ended is a page of its own, and what did not arrive is said. */

function tell(words) {
  const notice = Object.assign(document.createElement("p"), { className: "notice bad", textContent: words });
  notice.setAttribute("role", "alert");
  notice.dataset.told = "";
  one(".notice[data-told]")?.remove();
  (palette?.open ? found : one("main")).prepend(notice);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  if (new URL(event.detail.xhr.responseURL || location.href).pathname !== "/sign-in") return;
  event.detail.shouldSwap = false;
  leave();
});
document.addEventListener("htmx:afterSwap", (event) => begin(event.target));
document.addEventListener("htmx:sendError", () => tell("The desk cannot be reached. Try again in a moment."));
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401) leave();
  else tell("This did not work, and nothing was done. Open the page anew and try again.");
});

/* What is pressed in a list that is being drawn anew waits for it: an older answer must not cover a newer one. */

const drawn = new Map();

function press(element, { verb, path, target }) {
  if (element.matches("a")) return () => location.assign(element.href);
  const values = Object.fromEntries(new FormData(element));
  return () => htmx.ajax(verb, path, { target: `#${target.id}`, swap: "outerHTML", values });
}

document.addEventListener("htmx:confirm", (event) => {
  const { elt, target } = event.detail;
  const waiting = drawn.get(target.id);
  if (!waiting || !target.contains(elt) || !elt.matches("a, form")) return;
  event.preventDefault();
  waiting.push(press(elt, event.detail));
});
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target.id && !drawn.has(detail.target.id)) drawn.set(detail.target.id, []);
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const next = drawn.get(detail.target.id)?.shift();
  if (next) next();
  else drawn.delete(detail.target.id);
});

/* A screen that was left alone is cleared (idle.js); but what was typed there waits, covered, for who typed it. */

const locked = one("#locked");

function leave() {
  if (window.dispatchEvent(new Event("meridian:leaving", { cancelable: true }))) {
    location.replace(document.body.dataset.idleTo);
  }
}

async function unlock() {
  const answer = await fetch(document.body.dataset.stillHere, { redirect: "manual", cache: "no-store" }).catch(() => null);
  if (answer?.ok) locked.close();
}

window.addEventListener("meridian:leaving", (event) => {
  if (!hasUnsaved()) return;
  event.preventDefault();
  if (!locked.open) locked.showModal();
});
locked?.addEventListener("cancel", (event) => event.preventDefault());
one("[data-unlock]")?.addEventListener("click", unlock);

begin(document);
one("#refused")?.focus();
