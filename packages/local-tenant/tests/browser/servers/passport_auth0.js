// passport-auth0 with its defaults: it sends the access token to /userinfo in the query.
"use strict";

const { load, serve, settings } = require("./serve.js");

const express = load("express");
const passport = load("passport");
const session = load("express-session");
const Auth0Strategy = load("passport-auth0");

serve((url) => {
  const app = express();
  app.use(session({ secret: "the test's", resave: false, saveUninitialized: false }));
  passport.use(
    new Auth0Strategy(
      {
        domain: settings.domain,
        clientID: settings.clientId,
        clientSecret: settings.clientSecret,
        callbackURL: `${url}/callback`,
      },
      (
        /** @type {unknown} */ _accessToken,
        /** @type {unknown} */ _refreshToken,
        /** @type {unknown} */ _extra,
        /** @type {unknown} */ profile,
        /** @type {(error: null, user: unknown) => void} */ done,
      ) => done(null, profile),
    ),
  );
  app.use(passport.initialize());
  app.get("/login", passport.authenticate("auth0", { session: false, scope: "openid email profile" }));
  app.get(
    "/callback",
    passport.authenticate("auth0", { session: false }),
    (/** @type {any} */ request, /** @type {any} */ response) => {
      response.send(`Logged in as ${request.user.emails[0].value}`);
    },
  );
  return app;
});
