"use strict";

/** api.redirect of post-login: leave the flow for another page, and come back into onContinuePostLogin. */

const { filled, object, options, text } = require("./checks.js");
const { sign, verify } = require("./session_token.js");

/** @typedef {import("../execution.js").Turn} Turn */

/** Seconds that a session token is valid unless the Action says otherwise (documented). */
const TOKEN_LIFETIME = 900;

/** Protocols with nobody at a browser. */
const WITHOUT_BROWSER = new Set(["oauth2-password", "oauth2-refresh-token", "oauth2-token-exchange"]);

/**
 * @param {unknown} event
 * @param {string[]} path
 * @returns {unknown}
 */
function look(event, ...path) {
  let value = event;
  for (const name of path) value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return value;
}

const redirect = {
  /** @param {Turn} turn */
  canRedirect({ event, protocol }) {
    const prompt = look(event, "transaction", "prompt") ?? look(event, "request", "query", "prompt");
    const silent = Array.isArray(prompt) ? prompt.includes("none") : prompt === "none";
    return !silent && !WITHOUT_BROWSER.has(protocol ?? "");
  },

  /**
   * @param {Turn} turn
   * @param {unknown} settings
   */
  encodeToken(turn, settings) {
    const name = "api.redirect.encodeToken: options";
    const given = options(settings, name, ["expiresInSeconds", "payload", "secret"]);
    const { expiresInSeconds = TOKEN_LIFETIME } = given;
    if (typeof expiresInSeconds !== "number" || !(expiresInSeconds > 0)) {
      throw new TypeError(`${name}.expiresInSeconds must be a number above 0`);
    }
    const now = Math.floor(turn.execution.now() / 1000);
    const claims = {
      ...object(given.payload, `${name}.payload`),
      iss: look(turn.event, "request", "hostname"),
      sub: look(turn.event, "user", "user_id"),
      ip: look(turn.event, "request", "ip"),
      iat: now,
      exp: now + Math.floor(expiresInSeconds),
    };
    return sign(claims, filled(given.secret, `${name}.secret`));
  },

  /**
   * @param {Turn} turn
   * @param {unknown} url
   * @param {unknown} settings
   */
  sendUserTo(turn, url, settings) {
    const name = "api.redirect.sendUserTo";
    const given = text(url, `${name}: url`);
    if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
      throw new TypeError(`${name}: url must be an absolute http: or https: URL`);
    }
    const { query } = options(settings, `${name}: options`, ["query"]);
    for (const [key, value] of Object.entries(query === undefined ? {} : object(query, `${name}: options.query`))) {
      text(value, `${name}: options.query.${key}`);
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
    const parameter = text(given.tokenParameterName ?? "session_token", `${name}.tokenParameterName`);
    const { event, execution } = turn;
    const token = look(event, "request", "body", parameter) ?? look(event, "request", "query", parameter);
    const state = look(event, "request", "query", "state") ?? look(event, "request", "body", "state");
    return verify(token, filled(given.secret, `${name}.secret`), { now: execution.now() / 1000, state });
  },
};

exports.redirect = redirect;
