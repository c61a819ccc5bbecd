"use strict";

/** api.authentication of post-login: challenges, enrolments, methods, and the user that the tokens are for. */

const {
  IntrinsicError,
  ArrayIsArray,
  IntrinsicURL,
  URLCanParse,
  URLProtocol,
  define,
  own,
} = require("../primordials.js");
const { filled, object, oneOf, optional, options, plain, text } = require("./checks.js");

/** @typedef {import("./api.js").Method} Method */
/** @typedef {import("./checks.js").Check} Check */

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

const USER_ID_LENGTH = 128;

/**
 * @param {readonly string[]} types
 * @returns {Check}
 */
function factor(types) {
  const type = oneOf(types);
  return (value, name) => {
    const given = object(value, name);
    const settings = own(given, "options");
    return {
      type: type(own(given, "type"), `${name}.type`),
      ...(settings === undefined ? {} : { options: object(plain(settings, `${name}.options`), `${name}.options`) }),
    };
  };
}

/**
 * @param {readonly string[]} types
 * @returns {Check}
 */
function factors(types) {
  const check = factor(types);
  return (value, name, turn) => {
    if (!ArrayIsArray(value)) throw new IntrinsicError(`${name} must be an array of factors`);
    /** @type {unknown[]} */
    const checked = [];
    for (let index = 0; index < value.length; index++) {
      define(checked, index, check(value[index], `${name}[${index}]`, turn));
    }
    return checked;
  };
}

/**
 * @param {readonly string[]} types
 * @returns {Method}
 */
function withFactor(types) {
  return {
    takes: { factor: factor(types), options: optional(options({ additionalFactors: factors(types) })) },
    stops: true,
  };
}

/**
 * @param {readonly string[]} types
 * @returns {Method}
 */
function withAny(types) {
  return { takes: { factors: factors(types) }, stops: true };
}

/** @param {string} value */
function isHttpUrl(value) {
  if (!URLCanParse(value)) return false;
  const protocol = URLProtocol(new IntrinsicURL(value));
  return protocol === "http:" || protocol === "https:";
}

/** @type {Record<string, Method>} */
const authentication = {
  challengeWith: withFactor(CHALLENGED),
  challengeWithAny: withAny(CHALLENGED),
  enrollWith: withFactor(ENROLLED),
  enrollWithAny: withAny(ENROLLED),
  recordMethod: {
    takes: { provider_url: text },
    answer(turn, url) {
      const name = "api.authentication.recordMethod";
      if (!turn.resumed) throw new IntrinsicError(`${name} can only be called in onContinuePostLogin`);
      if (!isHttpUrl(url)) throw new IntrinsicError(`${name}: provider_url must be an http: or https: URL`);
    },
    chains: true,
  },
  setPrimaryUser: {
    takes: { primary_user_id: filled },
    answer({ execution }, userId) {
      const name = "api.authentication.setPrimaryUser";
      if (execution.primaryUserSet) throw new IntrinsicError(`${name} can be called once per transaction`);
      if (userId.length > USER_ID_LENGTH) {
        throw new IntrinsicError(`${name}: primary_user_id has at most ${USER_ID_LENGTH} characters`);
      }
      execution.primaryUserSet = true;
    },
  },
};

exports.authentication = authentication;
exports.isHttpUrl = isHttpUrl;
