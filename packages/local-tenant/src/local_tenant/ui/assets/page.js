"use strict";

// New transactions appear in the list by themselves. Without this script the page says to reload it.

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
  events.addEventListener("transaction", (event) => {
    // The server has escaped everything in the row.
    const row = document.createRange().createContextualFragment(event.data).querySelector("li");
    if (!row) return;
    // A transaction that goes on after a pause comes a second time, in place of its first row.
    list.querySelector(`[data-execution="${CSS.escape(row.dataset.execution ?? "")}"]`)?.remove();
    row.classList.add("fresh");
    list.prepend(row);
    while (list.children.length > most) list.lastElementChild?.remove();
    say("on", `Live: ${row.querySelector("strong")?.textContent}, ${row.querySelector(".ending")?.textContent}`);
  });
  addEventListener("pagehide", () => events.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

const list = document.querySelector("[data-live]");
if (list instanceof HTMLElement && list.dataset.live) follow(list, list.dataset.live);
