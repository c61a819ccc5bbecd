// Auth0's Express quickstart: express-openid-connect with its defaults, an id token in a form.
"use strict";

const { load, serve, settings } = require("./serve.js");

const express = load("express");
const { auth, requiresAuth } = load("express-openid-connect");

serve((baseURL) => {
  const app = express();
  app.use(
    auth({
      authRequired: false,
      auth0Logout: true,
      baseURL,
      clientID: settings.clientId,
      issuerBaseURL: `https://${settings.domain}`,
      secret: "a secret of the test's, as long as it has to be",
      ...JSON.parse(process.env.OPTIONS ?? "{}"),
    }),
  );
  app.get("/", (/** @type {any} */ request, /** @type {any} */ response) => {
    response.send(request.oidc.isAuthenticated() ? `Logged in as ${request.oidc.user.email}` : "Logged out");
  });
  app.get("/profile", requiresAuth(), (/** @type {any} */ request, /** @type {any} */ response) => {
    response.json(request.oidc.user);
  });
  app.use(
    (
      /** @type {any} */ error,
      /** @type {any} */ _request,
      /** @type {any} */ response,
      /** @type {unknown} */ _next,
    ) => {
      response.status(error.status).send(`${error.error}: ${error.error_description}`);
    },
  );
  return app;
});
