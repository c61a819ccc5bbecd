"use strict";

/** api.redirect of post-login: leave the flow for another page, and come back into onContinuePostLogin. */

const { ArrayIsArray, MathFloor, ObjectKeys, own } = require("../primordials.js");
const { filled, httpUrl, includes, object, options, text } = require("./checks.js");
const { sign, verify } = require("./session_token.js");

/** @typedef {import("../execution.js").Turn} Turn */

/** Seconds that a session token is valid unless the Action says otherwise (documented). */
const TOKEN_LIFETIME = 900;

/** Protocols without a browser. */
const WITHOUT_BROWSER = ["oauth2-password", "oauth2-refresh-token", "oauth2-token-exchange"];

/**
 * @param {unknown} event
 * @param {string} group
 * @param {string} name
 */
function look(event, group, name) {
  return own(own(event, group), name);
}

const redirect = {
  /** @param {Turn} turn */
  canRedirect({ event, protocol }) {
    const prompt = look(event, "transaction", "prompt") ?? own(look(event, "request", "query"), "prompt");
    const silent = ArrayIsArray(prompt) ? includes(prompt, "none") : prompt === "none";
    return !silent && !includes(WITHOUT_BROWSER, protocol);
  },

  /**
   * @param {Turn} turn
   * @param {unknown} settings
   */
  encodeToken(turn, settings) {
    const name = "api.redirect.encodeToken: options";
    const given = options(settings, name, ["expiresInSeconds", "payload", "secret"]);
    const expiresInSeconds = own(given, "expiresInSeconds") ?? TOKEN_LIFETIME;
    if (typeof expiresInSeconds !== "number" || !(expiresInSeconds > 0)) {
      throw new TypeError(`${name}.expiresInSeconds must be a number above 0`);
    }
    const now = MathFloor(turn.execution.now() / 1000);
    const claims = {
      ...object(own(given, "payload"), `${name}.payload`),
      iss: look(turn.event, "request", "hostname"),
      sub: look(turn.event, "user", "user_id"),
      ip: look(turn.event, "request", "ip"),
      iat: now,
      exp: now + MathFloor(expiresInSeconds),
    };
    return sign(claims, filled(own(given, "secret"), `${name}.secret`));
  },

  /**
   * @param {Turn} turn
   * @param {unknown} url
   * @param {unknown} settings
   */
  sendUserTo(turn, url, settings) {
    const name = "api.redirect.sendUserTo";
    const given = text(url, `${name}: url`);
    if (!httpUrl(given)) throw new TypeError(`${name}: url must be an absolute http: or https: URL`);
    const query = own(options(settings, `${name}: options`, ["query"]), "query");
    const parameters = query === undefined ? {} : object(query, `${name}: options.query`);
    const names = ObjectKeys(parameters);
    for (let index = 0; index < names.length; index++) {
      const key = /** @type {string} */ (names[index]);
      text(parameters[key], `${name}: options.query.${key}`);
    }
    turn.stops = true;
    return turn.api;
  },

  /**
   * @param {Turn} turn
   * @param {unknown} settings
   */
  validateToken(turn, settings) {
    const name = "api.redirect.validateToken: options";
    const given = options(settings, name, ["secret", "tokenParameterName"]);
    const parameter = text(own(given, "tokenParameterName") ?? "session_token", `${name}.tokenParameterName`);
    const { event, execution } = turn;
    const token = own(look(event, "request", "body"), parameter) ?? own(look(event, "request", "query"), parameter);
    const state = own(look(event, "request", "query"), "state") ?? own(look(event, "request", "body"), "state");
    return verify(token, filled(own(given, "secret"), `${name}.secret`), { now: execution.now() / 1000, state });
  },
};

exports.redirect = redirect;
