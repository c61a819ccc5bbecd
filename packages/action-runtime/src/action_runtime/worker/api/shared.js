"use strict";

/** The parts of the api that both triggers have. */

const { Cache } = require("./cache.js");
const { BufferByteLength, SafeMap, own } = require("../primordials.js");
const { filled, json, options, text } = require("./checks.js");

/** @typedef {import("../execution.js").Turn} Turn */
/** @typedef {import("../event.js").Container} Container */

/** Bytes of each metadata object that one transaction can write (documented: 32 kB per session). */
const METADATA_BYTES = 32 * 1024;

/** @type {SafeMap<string, Cache>} */
const caches = new SafeMap();

/** @param {Turn} turn */
function cacheOf({ execution }) {
  let cache = caches.get(execution.trigger);
  if (cache === undefined) {
    cache = new Cache();
    caches.set(execution.trigger, cache);
  }
  return cache;
}

const cache = {
  /**
   * @param {Turn} turn
   * @param {unknown} key
   */
  get: (turn, key) => cacheOf(turn).get(text(key, "api.cache.get: key"), turn.execution.now()),

  /**
   * @param {Turn} turn
   * @param {unknown} key
   * @param {unknown} value
   * @param {unknown} lifetime
   */
  set(turn, key, value, lifetime) {
    const given = options(lifetime, "api.cache.set: options", ["ttl", "expires_at"]);
    return cacheOf(turn).set(
      text(key, "api.cache.set: key"),
      text(value, "api.cache.set: value"),
      { ttl: own(given, "ttl"), expires_at: own(given, "expires_at") },
      turn.execution.now(),
    );
  },

  /**
   * @param {Turn} turn
   * @param {unknown} key
   */
  delete: (turn, key) => cacheOf(turn).delete(text(key, "api.cache.delete: key"), turn.execution.now()),
};

/**
 * api.user.setAppMetadata and setUserMetadata. The write is gathered: it reaches the profile when the trigger is over.
 *
 * @param {Container} container
 * @param {string} method
 */
function setMetadata(container, method) {
  /**
   * @param {Turn} turn
   * @param {unknown} key
   * @param {unknown} value
   */
  return (turn, key, value) => {
    const name = filled(key, `api.user.${method}: key`);
    const encoded = json(value, `api.user.${method}: value`);
    if (encoded === undefined) {
      turn.ignore("undefined is not JSON: nothing is written");
      return turn.api;
    }
    const writes = turn.execution.writes[container];
    let bytes = BufferByteLength(name) + BufferByteLength(encoded);
    writes.forEach((written, other) => {
      if (other !== name) bytes += BufferByteLength(other) + BufferByteLength(written.json);
    });
    if (bytes > METADATA_BYTES) {
      throw new RangeError(`api.user.${method}: a transaction cannot write more than 32 kB of ${container}`);
    }
    writes.set(name, { by: turn.number, json: encoded });
    return turn.api;
  };
}

const user = {
  setAppMetadata: setMetadata("app_metadata", "setAppMetadata"),
  setUserMetadata: setMetadata("user_metadata", "setUserMetadata"),
};

const validation = {
  /**
   * @param {Turn} turn
   * @param {unknown} code
   * @param {unknown} message
   */
  error(turn, code, message) {
    text(code, "api.validation.error: errorCode");
    text(message, "api.validation.error: errorMessage");
    turn.stops = true;
    return turn.api;
  },
};

exports.cache = cache;
exports.user = user;
exports.validation = validation;
