"use strict";

/** The api of post-login, version v3. */

const { IntrinsicError, own } = require("../primordials.js");
const { apiMaker } = require("./api.js");
const { authentication } = require("./authentication.js");
const { cache } = require("./cache.js");
const { anything, boolean, filled, object, oneOf, options, plain, scope, text } = require("./checks.js");
const { groups, roles } = require("./directory.js");
const { refreshToken, session, transaction } = require("./kept.js");
const { redirect } = require("./redirect.js");
const { samlResponse } = require("./saml_response.js");
const { user, validation } = require("./user.js");

/** @typedef {import("./api.js").Method} Method */
/** @typedef {import("./checks.js").Check} Check */

const MOST_SCOPES = 1000;

/** @type {Check} */
const claim = (value, name) => {
  if (value === "scope") throw new IntrinsicError('The "scope" claim cannot be set.');
  return filled(value, name);
};

/** @type {Method} */
const setCustomClaim = {
  takes: { key: claim, value: plain },
  answer(turn, _key, value) {
    if (value === undefined) turn.ignore("undefined is not JSON: the claim is left out");
  },
  chains: true,
};

/** @type {Method} */
const enable = {
  takes: {
    provider: oneOf(["any", "duo", "google-authenticator", "guardian", "none"]),
    options: options({
      allowRememberBrowser: boolean,
      providerOptions: (value, name) => object(plain(value, name), name),
    }),
  },
  answer(_turn, provider, given) {
    if (provider !== "duo" && own(given, "providerOptions") !== undefined) {
      throw new IntrinsicError("api.multifactor.enable: options.providerOptions are for the provider duo only");
    }
  },
  chains: true,
};

/** @type {import("./api.js").Trigger} */
const postLogin = {
  execute: "onExecutePostLogin",
  resume: "onContinuePostLogin",
  createApi: apiMaker({
    access: { deny: { takes: { reason: text }, stops: true, chains: true } },
    accessToken: {
      setCustomClaim,
      addScope: {
        takes: { scope },
        answer({ execution }, added) {
          if (!execution.scopes.has(added) && execution.scopes.size >= MOST_SCOPES) {
            throw new IntrinsicError(`There cannot be more than ${MOST_SCOPES} added scopes`);
          }
          execution.scopes.add(added);
        },
      },
      removeScope: {
        takes: { scope },
        answer({ execution }, removed) {
          execution.scopes.delete(removed);
        },
      },
    },
    authentication,
    cache,
    groups,
    roles,
    idToken: { setCustomClaim },
    multifactor: { enable },
    prompt: { render: { notBuilt: true } },
    refreshToken,
    session,
    redirect,
    samlResponse,
    user,
    validation,
    // Rules are no part of the local tenant, so none was ever executed.
    rules: { wasExecuted: { takes: { ruleId: anything }, answer: () => false } },
    transaction,
  }),
};

exports.postLogin = postLogin;
