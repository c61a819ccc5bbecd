"use strict";

/** api.redirect of post-login: leave the flow for another page, and come back into onContinuePostLogin. */

const {
  IntrinsicError,
  IntrinsicTypeError,
  IntrinsicURL,
  MathFloor,
  NumberIsFinite,
  ObjectKeys,
  ToString,
  URLHref,
  define,
  own,
} = require("../primordials.js");
const { isHttpUrl } = require("./authentication.js");
const { anything, filled, includes, isObject, options, plain } = require("./checks.js");
const { sign, verify } = require("./session_token.js");

/** @typedef {import("../execution.js").Turn} Turn */
/** @typedef {import("./api.js").Method} Method */

/** Seconds that a session token is valid unless the Action says otherwise. */
const TOKEN_LIFETIME = 900;
const TOKEN_PARAMETER = "session_token";

const WITHOUT_REDIRECT = ["oauth2-resource-owner", "oauth2-refresh-token", "oauth2-password", "oauth2-webauthn"];

/**
 * @param {unknown} event
 * @param {string} group
 * @param {string} name
 */
function look(event, group, name) {
  return own(own(event, group), name);
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function mustBe(value, name) {
  if (value === undefined || value === null) throw new IntrinsicTypeError(`${name} are missing`);
}

/**
 * A text or a URL, in the form that it has as a URL.
 *
 * @param {unknown} base
 * @param {string} name
 */
function address(base, name) {
  const href = URLHref(new IntrinsicURL(/** @type {string} */ (base)));
  if (!isHttpUrl(href)) throw new IntrinsicError(`${name} must be an http: or https: URL`);
  return href;
}

/**
 * Parameters of a query; any value becomes text.
 *
 * @param {unknown} value
 */
function query(value) {
  /** @type {Record<string, string>} */
  const parameters = {};
  if (!isObject(value)) return parameters;
  const names = ObjectKeys(value);
  for (let index = 0; index < names.length; index++) {
    const name = /** @type {string} */ (names[index]);
    define(parameters, name, `${value[name]}`);
  }
  return parameters;
}

/** @type {Record<string, Method>} */
const redirect = {
  encodeToken: {
    takes: {
      options(value, name, turn) {
        mustBe(value, name);
        return options({ expiresInSeconds: anything, payload: anything, secret: anything })(value, name, turn);
      },
    },
    answer(turn, given) {
      const name = "api.redirect.encodeToken: options";
      const lifetime = given.expiresInSeconds ?? TOKEN_LIFETIME;
      if (typeof lifetime !== "number" || !NumberIsFinite(lifetime)) {
        throw new IntrinsicError(`${name}.expiresInSeconds must be a number`);
      }
      const now = MathFloor(turn.execution.now() / 1000);
      const claims = {
        iat: now,
        iss: look(turn.event, "request", "hostname"),
        sub: look(turn.event, "user", "user_id"),
        exp: now + lifetime,
        ip: look(turn.event, "request", "ip"),
        // The Action's own claims win, as at Auth0.
        .../** @type {any} */ (plain(given.payload, `${name}.payload`)),
      };
      return sign(claims, filled(given.secret, `${name}.secret`));
    },
  },
  sendUserTo: {
    takes: { url: address, options: options({ query }) },
    stops: true,
    chains: true,
  },
  canRedirect: {
    answer({ event }) {
      if (own(look(event, "request", "query"), "prompt") === "none") return false;
      return !includes(WITHOUT_REDIRECT, look(event, "transaction", "protocol"));
    },
  },
  validateToken: {
    takes: {
      options(value, name, turn) {
        mustBe(value, name);
        return options({ secret: anything, tokenParameterName: anything })(value, name, turn);
      },
    },
    answer(turn, given) {
      const parameter = ToString(given.tokenParameterName || TOKEN_PARAMETER);
      const parameters = { ...look(turn.event, "request", "query"), ...look(turn.event, "request", "body") };
      const token = own(parameters, parameter);
      if (!token) {
        throw new IntrinsicError(
          `There is no parameter called '${parameter}' available in either the POST body or query string.`,
        );
      }
      return verify(token, filled(given.secret, "api.redirect.validateToken: options.secret"), {
        now: turn.execution.now() / 1000,
        state: own(parameters, "state"),
        userId: look(turn.event, "user", "user_id"),
      });
    },
  },
};

exports.redirect = redirect;
