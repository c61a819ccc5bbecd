"use strict";

/** The api of pre-user-registration, version v2. */

const { apiMaker } = require("./api.js");
const { cache } = require("./cache.js");
const { optional, text } = require("./checks.js");
const { newUser, validation } = require("./user.js");

/** @type {import("./api.js").Trigger} */
const preUserRegistration = {
  execute: "onExecutePreUserRegistration",
  createApi: apiMaker({
    access: { deny: { takes: { reason: text, userMessage: optional(text) }, stops: true, chains: true } },
    user: newUser,
    cache,
    validation,
  }),
};

exports.preUserRegistration = preUserRegistration;
