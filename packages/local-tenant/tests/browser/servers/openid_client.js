// openid-client: a code with PKCE, then /userinfo and a refresh.
"use strict";

const { load, serve, settings } = require("./serve.js");

const express = load("express");
const client = load("openid-client");

serve(async (url) => {
  const server = new URL(`https://${settings.domain}`);
  const config = await client.discovery(server, settings.clientId, settings.clientSecret);
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const app = express();
  app.get("/login", async (/** @type {any} */ _request, /** @type {any} */ response) => {
    const address = client.buildAuthorizationUrl(config, {
      redirect_uri: `${url}/callback`,
      scope: "openid email offline_access",
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
    });
    response.redirect(address.href);
  });
  app.get("/callback", async (/** @type {any} */ request, /** @type {any} */ response) => {
    const checks = { pkceCodeVerifier: verifier, expectedState: state, idTokenExpected: true };
    const tokens = await client.authorizationCodeGrant(config, new URL(request.url, url), checks);
    const user = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    const again = await client.refreshTokenGrant(config, tokens.refresh_token);
    const text = `Logged in as ${user.email}, refreshed as ${again.claims().email}`;
    if (process.env.FRONT_END) response.redirect(`${process.env.FRONT_END}?${new URLSearchParams({ text })}`);
    else response.send(text);
  });
  return app;
});
