"use strict";

/** api.authentication of post-login: challenges, enrolments, methods, and the user that the tokens are for. */

const { ArrayIsArray, own } = require("../primordials.js");
const { httpUrl, object, oneOf, options, text } = require("./checks.js");

/** @typedef {import("../execution.js").Turn} Turn */

const ENROLLED = [
  "otp",
  "phone",
  "push",
  "push-notification",
  "recovery-code",
  "webauthn-platform",
  "webauthn-roaming",
];
const CHALLENGED = [...ENROLLED, "email"];

/** Characters of a user id (documented). */
const USER_ID_LENGTH = 128;

/**
 * @param {unknown} factor
 * @param {string} name
 * @param {readonly string[]} types
 */
function checkFactor(factor, name, types) {
  const given = object(factor, name);
  oneOf(own(given, "type"), `${name}.type`, types);
  const settings = own(given, "options");
  if (settings !== undefined) object(settings, `${name}.options`);
}

/**
 * @param {unknown} factors
 * @param {string} name
 * @param {readonly string[]} types
 */
function checkFactors(factors, name, types) {
  if (!ArrayIsArray(factors)) throw new TypeError(`${name} must be an array of factors`);
  for (let index = 0; index < factors.length; index++) checkFactor(factors[index], `${name}[${index}]`, types);
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
    const additional = own(options(settings, `${name}: options`, ["additionalFactors"]), "additionalFactors");
    if (additional !== undefined) checkFactors(additional, `${name}: additionalFactors`, types);
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
    const name = "api.authentication.recordMethod: provider_url";
    if (!httpUrl(text(providerUrl, name))) throw new TypeError(`${name} must be an http: or https: URL`);
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
