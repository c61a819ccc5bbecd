// A typical single-page application with auth0-spa-js: buttons to log in and out, and the name of the user.
"use strict";

/**
 * @typedef {object} Application What tests find as `window.application`.
 * @property {any} client the library's Auth0Client
 * @property {any} appState the appState that loginWithRedirect was called with
 */

(async () => {
  const page = /** @type {any} */ (window);
  const status = /** @type {HTMLElement} */ (document.querySelector("[role=status]"));
  const home = `${location.origin}/`;
  const { options, login } = await (await fetch("/config.json")).json();

  async function show() {
    const user = await application.client.getUser();
    status.textContent = user ? `Logged in as ${user.email}` : "Not logged in";
  }

  /** @param {() => Promise<unknown>} work */
  async function attempt(work) {
    try {
      await work();
      await show();
    } catch (error) {
      const { error: code, message } = /** @type {any} */ (error);
      status.textContent = `Failed: ${code}: ${message}`;
    }
  }

  const client = new page.auth0.Auth0Client({ ...options, authorizationParams: { redirect_uri: home } });
  /** @type {Application} */
  const application = { client, appState: undefined };
  page.application = application;

  /** @param {object} more */
  const redirect = (more) =>
    client.loginWithRedirect({ authorizationParams: { ...login, ...more }, appState: { from: location.hash } });

  /** @type {Record<string, () => Promise<unknown>>} */
  const deeds = {
    login: () => redirect({}),
    signup: () => redirect({ screen_hint: "signup" }),
    popup: () => client.loginWithPopup({ authorizationParams: login }),
    logout: () => client.logout({ logoutParams: { returnTo: home } }),
  };
  for (const button of document.querySelectorAll("button")) {
    button.addEventListener("click", () => attempt(/** @type {any} */ (deeds[button.dataset.does ?? ""])));
  }

  await attempt(async () => {
    const answered = new URLSearchParams(location.search);
    if (answered.has("state") && (answered.has("code") || answered.has("error"))) {
      history.replaceState({}, "", home);
      application.appState = (await client.handleRedirectCallback(`${home}?${answered}`)).appState;
    } else {
      await client.checkSession();
    }
  });
})();
