// What makes the pages live: each part with `data-live` asks for itself again after that many milliseconds, while somebody
// looks. Without this script the pages work, and show how things stood when they were loaded.
(() => {
  const lost = document.getElementById("lost");
  const since = document.getElementById("lost-since");
  const due = new Map();
  const asking = new Set();

  function tick() {
    say();
    if (document.hidden) return;
    const now = Date.now();
    for (const part of document.querySelectorAll("[data-live]")) {
      if (asking.has(part.id) || (due.get(part.id) ?? 0) > now) continue;
      due.set(part.id, now + Number(part.dataset.live));
      // Nobody's typing or question is taken away.
      if (part.matches(":has(:focus:is(input, select, textarea), details[open])")) continue;
      asking.add(part.id);
      htmx.trigger(part, "live");
    }
  }

  const sourceOf = (event) => event.detail?.ctx?.sourceElement ?? event.target;
  function away() {
    if (!lost || !lost.hidden) return;
    since.textContent = new Date().toISOString().slice(11, 19);
    lost.hidden = false;
  }

  // Told apart only by what came back: an answer, whatever it says, is a connection.
  document.addEventListener("htmx:after:request", (event) => {
    if (event.detail.ctx.response?.status < 500 && lost) lost.hidden = true;
  });
  document.addEventListener("htmx:before:swap", (event) => {
    // A problem's page never takes the place of what was there.
    if (event.detail.ctx.response?.status >= 400) event.preventDefault();
  });
  document.addEventListener("htmx:response:error", (event) => {
    if (event.detail.ctx.response?.status >= 500) away();
  });
  document.addEventListener("htmx:error", away);
  document.addEventListener("htmx:finally:request", (event) => {
    asking.delete(sourceOf(event).id);
  });

  const WORDS = { open: "The line is stopped", resuming: "The line starts again", closed: "The line runs" };
  const title = document.title;
  let state = null;
  /** In the tab's title, and aloud for those who listen, once a change. */
  function say() {
    const now = document.getElementById("line")?.dataset.state;
    if (!now || now === state) return;
    document.title = now === "open" ? `■ STOPPED – ${title}` : title;
    if (state !== null) {
      // What came of an act was said of a line that stood otherwise.
      document.querySelector(".notice.done[role]")?.remove();
      let said = document.getElementById("said");
      if (!said) {
        said = Object.assign(document.createElement("p"), { id: "said", className: "heard" });
        said.setAttribute("role", "status");
        document.body.append(said);
      }
      said.textContent = `${WORDS[now]}.`;
    }
    state = now;
  }

  // Who names a pace wants it.
  document.addEventListener("input", ({ target }) => {
    if (target.name === "pace" && target.value) target.form.elements.how.value = "paced";
  });

  document.addEventListener("visibilitychange", () => {
    due.clear();
    tick();
  });
  // A page that answered a form is asked for, not posted again, when it is loaded anew.
  history.replaceState(null, "", location.href);
  document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  say();
  setInterval(tick, 250);
})();
