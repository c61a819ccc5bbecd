"use strict";

/** Checks of the arguments that Actions pass to the api, as Auth0 documents them. */

const { stringify } = JSON;

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {string}
 */
function text(value, name) {
  if (typeof value !== "string") throw new TypeError(`${name} must be a string, not ${kind(value)}`);
  return value;
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {string}
 */
function filled(value, name) {
  if (text(value, name) === "") throw new TypeError(`${name} must not be empty`);
  return /** @type {string} */ (value);
}

/**
 * @template {string} T
 * @param {unknown} value
 * @param {string} name
 * @param {readonly T[]} allowed
 * @returns {T}
 */
function oneOf(value, name, allowed) {
  const found = allowed.find((item) => item === value);
  if (found === undefined) throw new TypeError(`${name} must be one of ${allowed.join(", ")}, not ${shown(value)}`);
  return found;
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {Record<string, unknown>}
 */
function object(value, name) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${name} must be an object, not ${kind(value)}`);
  }
  return /** @type {Record<string, unknown>} */ (value);
}

/**
 * An optional object with no other keys than these.
 *
 * @param {unknown} value
 * @param {string} name
 * @param {readonly string[]} keys
 * @returns {Record<string, unknown>}
 */
function options(value, name, keys) {
  if (value === undefined || value === null) return {};
  const given = object(value, name);
  for (const key of Object.keys(given)) {
    if (!keys.includes(key)) throw new TypeError(`${name}.${key} is not an option; there are: ${keys.join(", ")}`);
  }
  return given;
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function optionalBoolean(value, name) {
  if (value !== undefined && typeof value !== "boolean") {
    throw new TypeError(`${name} must be true or false, not ${shown(value)}`);
  }
}

/**
 * Milliseconds since 1970.
 *
 * @param {unknown} value
 * @param {string} name
 */
function time(value, name) {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new TypeError(`${name} must be milliseconds since 1970, not ${shown(value)}`);
  }
}

/**
 * A value that can be kept as JSON.
 *
 * @param {unknown} value
 * @param {string} name
 * @returns {string | undefined} its JSON; undefined for undefined, which JSON leaves out
 */
function json(value, name) {
  const encoded = stringify(value);
  if (encoded === undefined && value !== undefined) {
    throw new TypeError(`${name} must be JSON, not ${kind(value)}`);
  }
  return encoded;
}

/** @param {unknown} value */
function kind(value) {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value;
}

/** @param {unknown} value */
function shown(value) {
  return typeof value === "string" ? stringify(value) : kind(value) === "number" ? String(value) : kind(value);
}

exports.filled = filled;
exports.json = json;
exports.object = object;
exports.oneOf = oneOf;
exports.optionalBoolean = optionalBoolean;
exports.options = options;
exports.text = text;
exports.time = time;
