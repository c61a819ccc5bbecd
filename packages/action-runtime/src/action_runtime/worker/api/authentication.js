"use strict";

/** api.authentication of post-login: challenges, enrolments, methods, and the user that the tokens are for. */

const { object, oneOf, options, text } = require("./checks.js");

/** @typedef {import("../execution.js").Turn} Turn */

const ENROLLED = /** @type {const} */ ([
  "otp",
  "phone",
  "push",
  "push-notification",
  "recovery-code",
  "webauthn-platform",
  "webauthn-roaming",
]);
const CHALLENGED = /** @type {const} */ ([...ENROLLED, "email"]);

/** Characters of a user id (documented). */
const USER_ID_LENGTH = 128;

/**
 * @param {unknown} factor
 * @param {string} name
 * @param {readonly string[]} types
 */
function checkFactor(factor, name, types) {
  const given = object(factor, name);
  oneOf(given.type, `${name}.type`, types);
  if (given.options !== undefined) object(given.options, `${name}.options`);
}

/**
 * @param {unknown} factors
 * @param {string} name
 * @param {readonly string[]} types
 */
function checkFactors(factors, name, types) {
  if (!Array.isArray(factors)) throw new TypeError(`${name} must be an array of factors`);
  factors.forEach((factor, position) => {
    checkFactor(factor, `${name}[${position}]`, types);
  });
}

/**
 * @param {string} method
 * @param {readonly string[]} types
 */
function withFactor(method, types) {
  /**
   * @param {Turn} turn
   * @param {unknown} factor
   * @param {unknown} settings
   */
  return (turn, factor, settings) => {
    const name = `api.authentication.${method}`;
    checkFactor(factor, `${name}: factor`, types);
    const given = options(settings, `${name}: options`, ["additionalFactors"]);
    if (given.additionalFactors !== undefined) {
      checkFactors(given.additionalFactors, `${name}: additionalFactors`, types);
    }
    turn.stops = true;
  };
}

/**
 * @param {string} method
 * @param {readonly string[]} types
 */
function withAny(method, types) {
  /**
   * @param {Turn} turn
   * @param {unknown} factors
   */
  return (turn, factors) => {
    const name = `api.authentication.${method}: factors`;
    checkFactors(factors, name, types);
    turn.stops = true;
  };
}

const authentication = {
  challengeWith: withFactor("challengeWith", CHALLENGED),
  challengeWithAny: withAny("challengeWithAny", CHALLENGED),
  enrollWith: withFactor("enrollWith", ENROLLED),
  enrollWithAny: withAny("enrollWithAny", ENROLLED),

  /**
   * @param {Turn} turn
   * @param {unknown} providerUrl
   */
  recordMethod(turn, providerUrl) {
    if (!turn.resumed) {
      throw new Error("api.authentication.recordMethod can only be called in onContinuePostLogin");
    }
    const url = text(providerUrl, "api.authentication.recordMethod: provider_url");
    if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : "")) {
      throw new TypeError("api.authentication.recordMethod: provider_url must be an http: or https: URL");
    }
    return turn.api;
  },

  /**
   * @param {Turn} turn
   * @param {unknown} userId
   */
  setPrimaryUser(turn, userId) {
    const name = "api.authentication.setPrimaryUser";
    if (text(userId, `${name}: primary_user_id`).length > USER_ID_LENGTH) {
      throw new RangeError(`${name}: primary_user_id has at most ${USER_ID_LENGTH} characters`);
    }
    if (turn.execution.primaryUserSet) throw new Error(`${name} can be called once per transaction`);
    turn.execution.primaryUserSet = true;
  },
};

exports.authentication = authentication;
