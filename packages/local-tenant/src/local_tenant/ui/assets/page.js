"use strict";

// New transactions appear in the list by themselves, and so does the new end of one that was challenged. Without this
// script the page says to reload it.

/**
 * @param {HTMLElement} list
 * @param {string} address
 */
function follow(list, address) {
  const status = document.querySelector("[data-live-status]");
  const text = document.querySelector("[data-live-text]");
  const most = Number(list.dataset.most);

  /**
   * @param {string} state
   * @param {string} words
   */
  function say(state, words) {
    status?.setAttribute("data-state", state);
    if (text) text.textContent = words;
  }

  const events = new EventSource(address);
  events.addEventListener("open", () => say("on", "Live"));
  // The browser connects again by itself, and says which transaction it saw last.
  events.addEventListener("error", () => say("off", "Connecting again…"));
  events.addEventListener("reset", () => location.reload());
  for (const type of ["transaction", "expiry"]) {
    events.addEventListener(type, (event) => {
      // The server has escaped everything in the row.
      const row = document.createRange().createContextualFragment(event.data).querySelector("li");
      if (!row) return;
      // The page of one transaction shows how that one ended.
      if (list.dataset.execution) {
        if (list.dataset.execution === row.dataset.execution) location.reload();
        return;
      }
      const before = list.querySelector(`[data-execution="${CSS.escape(row.dataset.execution ?? "")}"]`);
      // A transaction that ends after a challenge comes a second time, in place of its first row.
      if (before) before.replaceWith(row);
      else if (type === "transaction") list.prepend(row);
      row.classList.add("fresh");
      while (list.children.length > most) list.lastElementChild?.remove();
      say("on", `Live: ${row.querySelector("strong")?.textContent}, ${row.querySelector(".ending")?.textContent}`);
    });
  }
  addEventListener("pagehide", () => events.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

const list = document.querySelector("[data-live]");
if (list instanceof HTMLElement && list.dataset.live) follow(list, list.dataset.live);
