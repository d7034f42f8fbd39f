// Leave a page that was left alone, as its login ends by then; but not while somebody is typing.

const body = document.body;
const seconds = Number(body.dataset.idle || 0);
const EVERY = 60_000;
const WARNED_FOR = 60_000;

if (seconds) {
  let lastTouched = Date.now();
  let lastTold = Date.now();
  const touched = () => { lastTouched = Date.now(); };
  for (const kind of ["input", "keydown", "pointerdown"]) {
    document.addEventListener(kind, touched, { passive: true });
  }

  // What is typed tells the server nothing until it is sent, so it has to be told that somebody is here.
  const tell = async () => {
    lastTold = Date.now();
    const answer = await fetch(body.dataset.stillHere, { redirect: "manual", cache: "no-store" }).catch(() => null);
    if (answer && answer.type === "opaqueredirect") leave();
  };

  // Where something typed is not saved yet, desk.js covers the page instead.
  const leave = () => {
    if (window.dispatchEvent(new Event("meridian:leaving", { cancelable: true }))) location.replace(body.dataset.idleTo);
  };

  const warning = document.createElement("p");
  warning.className = "notice warn idle-warning";
  warning.setAttribute("role", "status");
  warning.hidden = true;
  warning.textContent = "You will be signed out in a minute. Press any key to stay.";
  body.append(warning);

  setInterval(() => {
    const now = Date.now();
    if (lastTouched > lastTold && now - lastTold >= EVERY) tell();
    const left = Math.max(lastTouched, lastTold) + seconds * 1000 - now;
    warning.hidden = left > WARNED_FOR;
    if (left <= 0) leave();
  }, 5_000);
}
