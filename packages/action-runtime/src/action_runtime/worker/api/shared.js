"use strict";

/** The parts of the api that both triggers have. */

const { Cache } = require("./cache.js");
const { filled, json, options, text } = require("./checks.js");

/** @typedef {import("../execution.js").Execution} Execution */
/** @typedef {import("../event.js").Container} Container */

/** Bytes of each metadata object that one transaction can write (documented: 32 kB per session). */
const METADATA_BYTES = 32 * 1024;

/** @type {Map<string, Cache>} */
const caches = new Map();

/** @param {Execution} execution */
function cacheOf({ flow }) {
  let cache = caches.get(flow.trigger);
  if (cache === undefined) {
    cache = new Cache();
    caches.set(flow.trigger, cache);
  }
  return cache;
}

const cache = {
  /**
   * @param {Execution} execution
   * @param {unknown} key
   */
  get: (execution, key) => cacheOf(execution).get(text(key, "api.cache.get: key"), execution.flow.now()),

  /**
   * @param {Execution} execution
   * @param {unknown} key
   * @param {unknown} value
   * @param {unknown} lifetime
   */
  set: (execution, key, value, lifetime) =>
    cacheOf(execution).set(
      text(key, "api.cache.set: key"),
      text(value, "api.cache.set: value"),
      options(lifetime, "api.cache.set: options", ["ttl", "expires_at"]),
      execution.flow.now(),
    ),

  /**
   * @param {Execution} execution
   * @param {unknown} key
   */
  delete: (execution, key) => cacheOf(execution).delete(text(key, "api.cache.delete: key"), execution.flow.now()),
};

/**
 * api.user.setAppMetadata and setUserMetadata. The write is gathered: it reaches the profile when the trigger is over.
 *
 * @param {Container} container
 * @param {string} method
 */
function setMetadata(container, method) {
  /**
   * @param {Execution} execution
   * @param {unknown} key
   * @param {unknown} value
   */
  return (execution, key, value) => {
    const name = filled(key, `api.user.${method}: key`);
    const encoded = json(value, `api.user.${method}: value`);
    if (encoded === undefined) {
      execution.ignore("undefined is not JSON: nothing is written");
      return execution.api;
    }
    const writes = execution.flow.writes[container];
    let bytes = Buffer.byteLength(name) + Buffer.byteLength(encoded);
    for (const [other, written] of writes) {
      if (other !== name) bytes += Buffer.byteLength(other) + Buffer.byteLength(written.json);
    }
    if (bytes > METADATA_BYTES) {
      throw new RangeError(`api.user.${method}: a transaction cannot write more than 32 kB of ${container}`);
    }
    writes.set(name, { by: execution.number, json: encoded });
    return execution.api;
  };
}

const user = {
  setAppMetadata: setMetadata("app_metadata", "setAppMetadata"),
  setUserMetadata: setMetadata("user_metadata", "setUserMetadata"),
};

const validation = {
  /**
   * @param {Execution} execution
   * @param {unknown} code
   * @param {unknown} message
   */
  error(execution, code, message) {
    text(code, "api.validation.error: errorCode");
    text(message, "api.validation.error: errorMessage");
    execution.stops = true;
    return execution.api;
  },
};

exports.cache = cache;
exports.user = user;
exports.validation = validation;
