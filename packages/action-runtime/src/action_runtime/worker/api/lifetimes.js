"use strict";

/** api.session and api.refreshToken: end them, shorten them, and keep metadata with them. */

const { own } = require("../primordials.js");
const { filled, oneOf, optionalBoolean, options, text, time } = require("./checks.js");

/** @typedef {import("../execution.js").Turn} Turn */

const COOKIE_MODES = /** @type {const} */ (["persistent", "non-persistent"]);

/**
 * @param {string} group name in the api
 * @param {(turn: Turn, name: string) => void} require throws if the transaction has no such thing
 */
function lifetime(group, require) {
  return {
    /**
     * @param {Turn} turn
     * @param {unknown} absolute
     */
    setExpiresAt(turn, absolute) {
      require(turn, `api.${group}.setExpiresAt`);
      time(absolute, `api.${group}.setExpiresAt: absolute`);
    },

    /**
     * @param {Turn} turn
     * @param {unknown} inactivity
     */
    setIdleExpiresAt(turn, inactivity) {
      require(turn, `api.${group}.setIdleExpiresAt`);
      time(inactivity, `api.${group}.setIdleExpiresAt: inactivity`);
    },

    /**
     * @param {Turn} turn
     * @param {unknown} key
     * @param {unknown} value
     */
    setMetadata(turn, key, value) {
      require(turn, `api.${group}.setMetadata`);
      filled(key, `api.${group}.setMetadata: key`);
      if (value !== null) text(value, `api.${group}.setMetadata: value`);
    },

    /**
     * @param {Turn} turn
     * @param {unknown} key
     */
    deleteMetadata(turn, key) {
      require(turn, `api.${group}.deleteMetadata`);
      filled(key, `api.${group}.deleteMetadata: key`);
    },

    /** @param {Turn} turn */
    evictMetadata(turn) {
      require(turn, `api.${group}.evictMetadata`);
    },
  };
}

const session = {
  ...lifetime("session", ({ event }, name) => {
    if (!own(event, "session")) throw new Error(`${name}: this transaction has no session`);
  }),

  /**
   * @param {Turn} turn
   * @param {unknown} mode
   */
  setCookieMode(turn, mode) {
    if (!own(turn.event, "session")) throw new Error("api.session.setCookieMode: this transaction has no session");
    oneOf(mode, "api.session.setCookieMode: mode", COOKIE_MODES);
  },

  /**
   * Ends the login also where there is no session: it was asked to fail.
   *
   * @param {Turn} turn
   * @param {unknown} reason
   * @param {unknown} settings
   */
  revoke(turn, reason, settings) {
    text(reason, "api.session.revoke: reason");
    const given = options(settings, "api.session.revoke: options", ["preserveRefreshTokens"]);
    optionalBoolean(own(given, "preserveRefreshTokens"), "api.session.revoke: options.preserveRefreshTokens");
    turn.stops = true;
  },
};

const refreshToken = {
  ...lifetime("refreshToken", ({ event }, name) => {
    if (!own(event, "refresh_token")) throw new Error(`${name}: this transaction has no refresh token`);
  }),

  /**
   * @param {Turn} turn
   * @param {unknown} reason
   */
  revoke(turn, reason) {
    if (turn.protocol !== "oauth2-refresh-token") {
      throw new Error("api.refreshToken.revoke can only be called when a refresh token is exchanged");
    }
    text(reason, "api.refreshToken.revoke: reason");
    turn.stops = true;
  },
};

exports.refreshToken = refreshToken;
exports.session = session;
