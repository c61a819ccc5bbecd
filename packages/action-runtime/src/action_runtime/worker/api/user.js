"use strict";

/** api.user and api.validation, which both triggers have. */

const { IntrinsicError, BufferByteLength, JSONStringify, own } = require("../primordials.js");
const { atMost, filled, isObject, matching, plain } = require("./checks.js");

/** @typedef {import("../event.js").Container} Container */
/** @typedef {import("./api.js").Method} Method */

/** Bytes of each metadata object that one transaction can write (documented: 32 kB per session). */
const METADATA_BYTES = 32 * 1024;

/**
 * The write is gathered: it reaches the profile when the trigger is over.
 *
 * @param {Container} container
 * @returns {Method}
 */
function setMetadata(container) {
  return {
    takes: { key: filled, value: plain },
    answer(turn, key, value) {
      if (turn.execution.trigger === "post-login" && !isObject(own(own(turn.event, "user"), container))) {
        throw new IntrinsicError(`The user's ${container} is not an object: nothing can be set in it`);
      }
      if (value === undefined) {
        turn.ignore("undefined is not JSON: nothing is written");
        return;
      }
      const json = JSONStringify(value);
      const writes = turn.execution.writes[container];
      let bytes = BufferByteLength(key) + BufferByteLength(json);
      writes.forEach((written, other) => {
        if (other !== key) bytes += BufferByteLength(other) + BufferByteLength(written.json);
      });
      if (bytes > METADATA_BYTES)
        throw new IntrinsicError(`A transaction cannot write more than 32 kB of ${container}`);
      writes.set(key, { by: turn.number, json });
    },
    chains: true,
  };
}

/** @type {Record<string, Method>} */
const user = {
  setAppMetadata: setMetadata("app_metadata"),
  setUserMetadata: setMetadata("user_metadata"),
};

/** @type {Record<string, Method>} */
const newUser = {
  ...user,
  setUserId: {
    takes: { user_id: matching(/^[a-zA-Z0-9@._+-]{1,255}$/, "1 to 255 letters, digits and @ . _ + -") },
    chains: true,
  },
};

/** @type {Record<string, Method>} */
const validation = {
  error: { takes: { errorCode: atMost(100), errorMessage: atMost(100) }, stops: true, chains: true },
};

exports.newUser = newUser;
exports.user = user;
exports.validation = validation;
