"use strict";

/** api.session and api.refreshToken: end them, shorten them, and keep metadata with them. */

const { filled, oneOf, optionalBoolean, options, text, time } = require("./checks.js");

/** @typedef {import("../execution.js").Execution} Execution */

const COOKIE_MODES = /** @type {const} */ (["persistent", "non-persistent"]);

/**
 * @param {string} group name in the api
 * @param {(execution: Execution, name: string) => void} require throws if the transaction has no such thing
 */
function lifetime(group, require) {
  return {
    /**
     * @param {Execution} execution
     * @param {unknown} absolute
     */
    setExpiresAt(execution, absolute) {
      require(execution, `api.${group}.setExpiresAt`);
      time(absolute, `api.${group}.setExpiresAt: absolute`);
    },

    /**
     * @param {Execution} execution
     * @param {unknown} inactivity
     */
    setIdleExpiresAt(execution, inactivity) {
      require(execution, `api.${group}.setIdleExpiresAt`);
      time(inactivity, `api.${group}.setIdleExpiresAt: inactivity`);
    },

    /**
     * @param {Execution} execution
     * @param {unknown} key
     * @param {unknown} value
     */
    setMetadata(execution, key, value) {
      require(execution, `api.${group}.setMetadata`);
      filled(key, `api.${group}.setMetadata: key`);
      if (value !== null) text(value, `api.${group}.setMetadata: value`);
    },

    /**
     * @param {Execution} execution
     * @param {unknown} key
     */
    deleteMetadata(execution, key) {
      require(execution, `api.${group}.deleteMetadata`);
      filled(key, `api.${group}.deleteMetadata: key`);
    },

    /** @param {Execution} execution */
    evictMetadata(execution) {
      require(execution, `api.${group}.evictMetadata`);
    },
  };
}

const session = {
  ...lifetime("session", ({ event }, name) => {
    if (!event.session) throw new Error(`${name}: this transaction has no session`);
  }),

  /**
   * @param {Execution} execution
   * @param {unknown} mode
   */
  setCookieMode(execution, mode) {
    if (!execution.event.session) throw new Error("api.session.setCookieMode: this transaction has no session");
    oneOf(mode, "api.session.setCookieMode: mode", COOKIE_MODES);
  },

  /**
   * Ends the login also where there is no session: it was asked to fail.
   *
   * @param {Execution} execution
   * @param {unknown} reason
   * @param {unknown} settings
   */
  revoke(execution, reason, settings) {
    text(reason, "api.session.revoke: reason");
    const given = options(settings, "api.session.revoke: options", ["preserveRefreshTokens"]);
    optionalBoolean(given.preserveRefreshTokens, "api.session.revoke: options.preserveRefreshTokens");
    execution.stops = true;
  },
};

const refreshToken = {
  ...lifetime("refreshToken", ({ event }, name) => {
    if (!event.refresh_token) throw new Error(`${name}: this transaction has no refresh token`);
  }),

  /**
   * @param {Execution} execution
   * @param {unknown} reason
   */
  revoke(execution, reason) {
    if (execution.protocol !== "oauth2-refresh-token") {
      throw new Error("api.refreshToken.revoke can only be called when a refresh token is exchanged");
    }
    text(reason, "api.refreshToken.revoke: reason");
    execution.stops = true;
  },
};

exports.refreshToken = refreshToken;
exports.session = session;
