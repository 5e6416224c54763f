// The desk's own script: keys, the selection in the queue, and not losing what somebody types. htmx does the rest.
"use strict";
(() => {
  let chosen = null; // the id of the case that the keys act on in the queue
  const typed = new WeakSet(); // fields that somebody changed since the page came
  const sent = new WeakSet(); // forms that have just been sent

  const all = () => [...document.querySelectorAll("[data-case]")];
  const unsaved = (field) => field.matches("textarea") && field.value !== field.defaultValue;
  const typing = (where) => where.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");

  function choose(row, focus) {
    for (const other of document.querySelectorAll(".chosen")) other.classList.remove("chosen");
    if (!row) return;
    chosen = row.dataset.case;
    row.classList.add("chosen");
    if (focus) {
      row.querySelector("a").focus({ preventScroll: true });
      row.scrollIntoView({ block: "nearest" });
    }
  }

  function move(step) {
    const rows = all();
    if (!rows.length) return false;
    const at = rows.findIndex((row) => row.dataset.case === chosen);
    choose(rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + step))], true);
    return true;
  }

  function press(name) {
    const button = document.querySelector(`[data-key="${name}"]:not(:disabled)`);
    if (!button) return false;
    const folded = button.closest("details");
    const shown = !folded || folded.open;
    if (folded) folded.open = true;
    if (shown && button.matches("button, a")) button.click(); // what was folded away is shown first
    else button.focus();
    return true;
  }

  function claimChosen() {
    const form = document.getElementById("claim");
    if (!form || !chosen) return false;
    form.action = `/cases/${encodeURIComponent(chosen)}/claim`;
    form.requestSubmit();
    return true;
  }

  // Who types on after a click beside the editor approves no half of an answer: they are in the editor again.
  function goOn() {
    const answer = document.querySelector("[data-answer]");
    if (!answer || !unsaved(answer)) return false;
    answer.focus();
    return true;
  }

  const open = (path) => window.location.assign(path);

  // The way back leads to the part of the queue that this tab showed last, with its filters and its page.
  const inQueue = document.querySelector("main.queue") !== null;
  if (inQueue) sessionStorage.setItem("queue", window.location.pathname + window.location.search);
  const queue = sessionStorage.getItem("queue") ?? "/";
  if (!inQueue) document.querySelector('nav a[href="/"]')?.setAttribute("href", queue);

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => {
      const row = all().find((one) => one.dataset.case === chosen);
      return row && document.activeElement === document.body ? (row.querySelector("a").click(), true) : false;
    },
    c: () => press("c") || claimChosen(),
    e: () => press("e"),
    a: () => goOn() || press("a"),
    r: () => press("r"),
    s: () => press("s"),
    l: () => press("l"),
    q: () => (open(queue), true),
    "/": () => (document.getElementById("search")?.focus(), true),
    "?": () => (document.getElementById("help")?.showModal(), true),
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("[data-answer]")) {
      const button = event.target.form.querySelector("[data-finish]:not(:disabled)");
      if (button) {
        event.preventDefault();
        button.click();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && typing(event.target)) event.target.blur();
    if (typing(event.target)) return;
    const act = Object.hasOwn(keys, event.key) && keys[event.key];
    if (act && act()) event.preventDefault();
  });

  // A template takes the place of what somebody wrote only where they say so.
  document.addEventListener("click", (event) => {
    const answer = event.target.closest("[data-replaces]")?.form.querySelector("[data-answer]");
    const own = answer?.value && ("written" in answer.dataset || answer.value !== answer.defaultValue);
    if (own && !window.confirm("The template takes the place of what you wrote. Go on?")) event.preventDefault();
  });

  // Who presses twice means it once. The lock ends by itself, as a page can stay: its loading can be stopped.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (sent.has(form)) event.preventDefault();
    sent.add(form);
    setTimeout(() => sent.delete(form), 3000);
  });

  // Words that were not saved, of an answer or a note, go with the page, unless their own form is what was sent.
  window.addEventListener("beforeunload", (event) => {
    const here = document.querySelector("[data-only-here]"); // a form was refused, and no draft has its words
    const lost = here && !sent.has(here.querySelector("[data-answer]")?.form);
    const fields = [...document.querySelectorAll("textarea")];
    if (lost || fields.some((field) => unsaved(field) && !sent.has(field.form))) event.preventDefault();
  });

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-case]");
    if (row) choose(row, false);
  });

  document.addEventListener("input", (event) => typed.add(event.target));
  // By keys one comes to a choice through others: the form's button sends what was chosen.
  let byKeys = false;
  document.addEventListener("pointerdown", () => (byKeys = false));
  document.addEventListener("keydown", () => (byKeys = true));
  document.addEventListener("change", (event) => {
    if (!byKeys && event.target.form?.matches("[data-send-on-change]")) event.target.form.requestSubmit();
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    // No clipboard without TLS: the field is selected to copy by hand. Else keys go on meaning what the help says.
    const copied = await navigator.clipboard?.writeText(field.value).then(() => true, () => false);
    if (copied) button.textContent = "Copied";
    else field.select();
  });

  // A part of the page that somebody is working in is not replaced under their hands; it asks again soon. Words that
  // the browser brought back, when somebody went back to the page, are typed as well.
  const touched = (field) => typed.has(field) || field === document.activeElement || unsaved(field);
  const busy = (part) =>
    part.querySelector("details[open]") !== null || [...part.querySelectorAll("input, textarea, select")].some(touched);
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.matches("[data-keep-typing]") && busy(event.detail.target)) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches("[data-keep-typing]") && busy(event.target)) event.preventDefault();
  });
  // Where what has the focus is replaced, its successor has it: what leads to the same place, or does the same.
  const deed = (one) =>
    one.getAttribute("href") ?? [one.form?.getAttribute("action"), one.value, one.textContent].join();
  let left = null;
  let opened = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    const focused = document.activeElement;
    left = part.contains(focused) && !focused.id ? deed(focused) : null; // htmx itself finds what has an id
    opened = [...part.querySelectorAll("details[open]")].map((one) => one.closest("[id]").id);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    for (const id of opened) document.getElementById(id)?.querySelector("details")?.setAttribute("open", "");
    const part = left && document.getElementById(event.detail.target.id);
    const found = part && [...part.querySelectorAll("a[href], button, summary")].find((one) => deed(one) === left);
    if (found) found.focus({ preventScroll: true });
    [left, opened] = [null, []];
  });
  document.addEventListener("htmx:afterSettle", () => {
    const row = all().find((one) => one.dataset.case === chosen);
    if (row) choose(row, false);
  });

  const show = (id, shown) => document.getElementById(id)?.toggleAttribute("hidden", !shown);
  document.addEventListener("htmx:sendError", () => show("unreachable", true));
  document.addEventListener("htmx:timeout", () => show("unreachable", true));
  // From 500 on it is a proxy that answers in the desk's place, or the desk that fails.
  document.addEventListener("htmx:afterOnLoad", (event) => show("unreachable", event.detail.xhr.status >= 500));
  document.addEventListener("htmx:responseError", (event) => {
    // 403: somebody signed in anew in another tab, and the forms of this page are from before.
    if ([401, 403].includes(event.detail.xhr.status)) show("signed-out", true);
  });
})();
