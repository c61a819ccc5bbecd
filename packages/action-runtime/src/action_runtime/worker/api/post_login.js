"use strict";

/** The api of post-login, version v3. */

const { setTransactionMetadata } = require("../event.js");
const { BufferByteLength, MathAbs, NumberIsFinite, RegExpExec, SafeSet, define, own } = require("../primordials.js");
const { filled, json, object, oneOf, optionalBoolean, options, text } = require("./checks.js");
const { authentication } = require("./authentication.js");
const { redirect } = require("./redirect.js");
const { cache, user, validation } = require("./shared.js");
const { refreshToken, session } = require("./lifetimes.js");

/** @typedef {import("../execution.js").Turn} Turn */

const PROVIDERS = /** @type {const} */ (["any", "duo", "google-authenticator", "guardian", "none"]);

/** A scope token of RFC 6749, section 3.3. */
const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** Transaction metadata (documented): characters of a key, bytes of a value and of all together. */
const KEY_LENGTH = 64;
const VALUE_BYTES = 8 * 1024;
const TOTAL_BYTES = 16 * 1024;
const LARGEST = Number.MAX_SAFE_INTEGER;

/** Groups that Auth0 has and this runtime has not. */
const NOT_BUILT = new SafeSet();
for (const group of ["groups", "prompt", "roles", "samlResponse"]) NOT_BUILT.add(group);

const access = {
  /**
   * @param {Turn} turn
   * @param {unknown} reason
   */
  deny(turn, reason) {
    text(reason, "api.access.deny: reason");
    turn.stops = true;
    return turn.api;
  },
};

/** @param {string} method */
function setCustomClaim(method) {
  /**
   * @param {Turn} turn
   * @param {unknown} key
   * @param {unknown} value
   */
  return (turn, key, value) => {
    filled(key, `api.${method}: key`);
    if (json(value, `api.${method}: value`) === undefined) {
      turn.ignore("undefined is not JSON: the claim is left out");
    }
    return turn.api;
  };
}

/** @param {string} method */
function changeScope(method) {
  /**
   * @param {Turn} _execution
   * @param {unknown} scope
   */
  return (_execution, scope) => {
    if (RegExpExec(SCOPE, text(scope, `api.accessToken.${method}: scope`)) === null) {
      throw new TypeError(`api.accessToken.${method}: scope must be one scope, without spaces`);
    }
  };
}

const accessToken = {
  setCustomClaim: setCustomClaim("accessToken.setCustomClaim"),
  addScope: changeScope("addScope"),
  removeScope: changeScope("removeScope"),
};

const idToken = { setCustomClaim: setCustomClaim("idToken.setCustomClaim") };

const multifactor = {
  /**
   * @param {Turn} turn
   * @param {unknown} provider
   * @param {unknown} settings
   */
  enable(turn, provider, settings) {
    const chosen = oneOf(provider, "api.multifactor.enable: provider", PROVIDERS);
    const name = "api.multifactor.enable: options";
    const given = options(settings, name, ["allowRememberBrowser", "providerOptions"]);
    optionalBoolean(own(given, "allowRememberBrowser"), `${name}.allowRememberBrowser`);
    const providerOptions = own(given, "providerOptions");
    if (providerOptions !== undefined) {
      if (chosen !== "duo") throw new TypeError(`${name}.providerOptions are for the provider duo only`);
      object(providerOptions, `${name}.providerOptions`);
    }
    return turn.api;
  },
};

const rules = {
  /**
   * Rules are no part of the local tenant, so none was ever executed.
   *
   * @param {Turn} _execution
   * @param {unknown} ruleId
   */
  wasExecuted(_execution, ruleId) {
    text(ruleId, "api.rules.wasExecuted: ruleId");
    return false;
  },
};

const transaction = {
  /**
   * @param {Turn} turn
   * @param {unknown} key
   * @param {unknown} value
   */
  setMetadata(turn, key, value) {
    const name = "api.transaction.setMetadata";
    const given = filled(key, `${name}: key`);
    if (given.length > KEY_LENGTH) throw new RangeError(`${name}: a key has at most ${KEY_LENGTH} characters`);
    if (value !== null && typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
      throw new TypeError(`${name}: value must be a string, number or boolean, or null to remove it`);
    }
    if (typeof value === "number" && (!NumberIsFinite(value) || MathAbs(value) > LARGEST)) {
      throw new RangeError(`${name}: this number cannot be kept exactly; pass it as a string`);
    }
    const metadata = { ...turn.execution.transactionMetadata };
    if (value === null) delete metadata[given];
    else define(metadata, given, value);
    if (bytes(value) > VALUE_BYTES) throw new RangeError(`${name}: a value has at most 8 kB`);
    if (bytes(metadata) > TOTAL_BYTES) throw new RangeError(`${name}: a transaction keeps at most 16 kB`);
    turn.execution.transactionMetadata = metadata;
    setTransactionMetadata(turn.event, metadata);
  },
};

/** @param {unknown} value */
function bytes(value) {
  return BufferByteLength(json(value, "value") ?? "");
}

/** @type {import("./api.js").Trigger} */
const postLogin = {
  execute: "onExecutePostLogin",
  resume: "onContinuePostLogin",
  groups: {
    access,
    accessToken,
    authentication,
    cache,
    idToken,
    multifactor,
    redirect,
    refreshToken,
    rules,
    session,
    transaction,
    user,
    validation,
  },
  notBuilt: NOT_BUILT,
};

exports.postLogin = postLogin;
