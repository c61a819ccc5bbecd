// A React application with auth0-react; tests call what `useAuth0` returns as `window.application`.
"use strict";

(async () => {
  const page = /** @type {any} */ (window);
  const { Auth0Provider, createElement, createRoot, useAuth0 } = page.libraries;
  const { options, login } = await (await fetch("/config.json")).json();

  // biome-ignore lint/correctness/noComponentHookFactories: this function runs once
  function User() {
    page.application = useAuth0();
    const { isLoading, error, user, loginWithRedirect } = page.application;
    const text = isLoading ? "Starting" : error ? `Failed: ${error.message}` : user ? user.email : "Not logged in";
    return createElement(
      "main",
      null,
      createElement("p", { role: "status" }, text),
      createElement("button", { type: "button", onClick: () => loginWithRedirect() }, "Log in"),
    );
  }

  const authorizationParams = { redirect_uri: location.origin, scope: "openid email offline_access", ...login };
  const root = createRoot(document.getElementById("root"));
  root.render(
    createElement(Auth0Provider, { ...options, useRefreshTokens: true, authorizationParams }, createElement(User)),
  );
})();
