"use strict";

/** Checks of the arguments that Actions pass to the api, as Auth0 documents them. */

const {
  ArrayIsArray,
  JSONStringify,
  NumberIsSafeInteger,
  ObjectKeys,
  ToString,
  StringCharCodeAt,
  IntrinsicURL,
  URLCanParse,
  URLProtocol,
} = require("../primordials.js");

/** Levels of a value: Python's JSON writes no more than 254, and the trace adds some. */
const DEEPEST = 200;

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
  if (!includes(allowed, value))
    throw new TypeError(`${name} must be one of ${listed(allowed)}, not ${display(value)}`);
  return /** @type {T} */ (value);
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {Record<string, unknown>}
 */
function object(value, name) {
  if (typeof value !== "object" || value === null || ArrayIsArray(value)) {
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
  const names = ObjectKeys(given);
  for (let index = 0; index < names.length; index++) {
    const key = names[index];
    if (!includes(keys, key)) throw new TypeError(`${name}.${key} is not an option; there are: ${listed(keys)}`);
  }
  return given;
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function optionalBoolean(value, name) {
  if (value !== undefined && typeof value !== "boolean") {
    throw new TypeError(`${name} must be true or false, not ${display(value)}`);
  }
}

/**
 * Milliseconds since 1970.
 *
 * @param {unknown} value
 * @param {string} name
 */
function time(value, name) {
  if (typeof value !== "number" || !NumberIsSafeInteger(value) || value < 0) {
    throw new TypeError(`${name} must be milliseconds since 1970, not ${display(value)}`);
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
  const encoded = JSONStringify(value);
  if (encoded === undefined && value !== undefined) {
    throw new TypeError(`${name} must be JSON, not ${kind(value)}`);
  }
  if (encoded !== undefined && isDeeper(encoded)) throw new RangeError(`${name} has more than ${DEEPEST} levels`);
  return encoded;
}

/** @param {string} encoded JSON */
function isDeeper(encoded) {
  if (encoded.length <= 2 * DEEPEST) return false;
  let level = 0;
  let inText = false;
  for (let index = 0; index < encoded.length; index++) {
    const unit = StringCharCodeAt(encoded, index);
    if (unit === BACKSLASH) index++;
    else if (unit === QUOTE) inText = !inText;
    else if (inText) continue;
    else if (unit === BRACKET || unit === BRACE) level++;
    else if (unit === BRACKET_END || unit === BRACE_END) level--;
    if (level > DEEPEST) return true;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
const BRACKET_END = 0x5d;
const BRACE = 0x7b;
const BRACE_END = 0x7d;

/** @param {string} value */
function httpUrl(value) {
  if (!URLCanParse(value)) return false;
  const protocol = URLProtocol(new IntrinsicURL(value));
  return protocol === "http:" || protocol === "https:";
}

/**
 * @param {readonly unknown[]} list
 * @param {unknown} value
 */
function includes(list, value) {
  for (let index = 0; index < list.length; index++) if (list[index] === value) return true;
  return false;
}

/** @param {readonly string[]} names */
function listed(names) {
  let text = "";
  for (let index = 0; index < names.length; index++) text += index === 0 ? names[index] : `, ${names[index]}`;
  return text;
}

/** @param {unknown} value */
function kind(value) {
  if (value === null) return "null";
  return ArrayIsArray(value) ? "an array" : typeof value;
}

/** @param {unknown} value */
function display(value) {
  return typeof value === "string" ? JSONStringify(value) : kind(value) === "number" ? ToString(value) : kind(value);
}

exports.filled = filled;
exports.httpUrl = httpUrl;
exports.includes = includes;
exports.json = json;
exports.object = object;
exports.oneOf = oneOf;
exports.optionalBoolean = optionalBoolean;
exports.options = options;
exports.text = text;
exports.time = time;
