"use strict";

/** The api of pre-user-registration, version v2. */

const { SafeSet } = require("../primordials.js");
const { text } = require("./checks.js");
const { cache, user, validation } = require("./shared.js");

/** @typedef {import("../execution.js").Turn} Turn */

const access = {
  /**
   * @param {Turn} turn
   * @param {unknown} reason for the tenant's logs
   * @param {unknown} userMessage for the user
   */
  deny(turn, reason, userMessage) {
    text(reason, "api.access.deny: reason");
    if (userMessage !== undefined) text(userMessage, "api.access.deny: userMessage");
    turn.stops = true;
    return turn.api;
  },
};

/** @type {import("./api.js").Trigger} */
const preUserRegistration = {
  execute: "onExecutePreUserRegistration",
  groups: { access, cache, user, validation },
  notBuilt: new SafeSet(),
};

exports.preUserRegistration = preUserRegistration;
