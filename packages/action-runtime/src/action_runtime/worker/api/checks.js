"use strict";

/**
 * Checks of the arguments that Actions pass to the api. A check returns the value that takes effect and throws for one
 * that does not. Where Auth0's own objects check, these check the same; where Auth0's server does, they throw in doubt.
 */

const {
  IntrinsicError,
  IntrinsicTypeError,
  ArrayIsArray,
  JSONParse,
  JSONStringify,
  NumberIsFinite,
  NumberIsSafeInteger,
  ObjectHasOwn,
  ObjectKeys,
  RegExpExec,
  StringCharCodeAt,
  StringTrim,
  ToString,
  define,
} = require("../primordials.js");

/** @typedef {import("../execution.js").Turn} Turn */
/** @typedef {(value: unknown, name: string, turn: Turn) => unknown} Check name: of the call and the argument */

/** Levels of a value: Python's JSON writes no more than 254, and the trace adds some. */
const DEEPEST = 200;

/** Characters of a scope. */
const SCOPE_LENGTH = 280;
const WHITE_SPACE = /\s/;

/**
 * A value that the method does not look at, or looks at itself.
 *
 * @param {unknown} value
 */
const anything = (value) => value;

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {string}
 */
function text(value, name) {
  if (typeof value !== "string") throw new IntrinsicError(`${name} must be a string, not ${kind(value)}`);
  return value;
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {string}
 */
function filled(value, name) {
  if (text(value, name) === "") throw new IntrinsicError(`${name} must not be empty`);
  return /** @type {string} */ (value);
}

/**
 * A string of at most `most` characters; a surrogate pair is one.
 *
 * @param {number} most
 */
function atMost(most) {
  return (/** @type {unknown} */ value, /** @type {string} */ name) => {
    const given = text(value, name);
    if (given.length > most && characters(given) > most) {
      throw new IntrinsicError(`${name} must not have more than ${most} characters`);
    }
    return given;
  };
}

/** @param {string} value */
function characters(value) {
  let count = value.length;
  for (let index = 1; index < value.length; index++) {
    const low = (StringCharCodeAt(value, index) & 0xfc00) === 0xdc00;
    if (low && (StringCharCodeAt(value, index - 1) & 0xfc00) === 0xd800) {
      count--;
      index++;
    }
  }
  return count;
}

/**
 * @param {RegExp} pattern
 * @param {string} allowed in words
 */
function matching(pattern, allowed) {
  return (/** @type {unknown} */ value, /** @type {string} */ name) => {
    if (RegExpExec(pattern, text(value, name)) === null) throw new IntrinsicError(`${name} must be ${allowed}`);
    return value;
  };
}

/** @param {readonly string[]} allowed */
function oneOf(allowed) {
  return (/** @type {unknown} */ value, /** @type {string} */ name) => {
    if (!includes(allowed, value))
      throw new IntrinsicError(`${name} must be one of ${listed(allowed)}, not ${display(value)}`);
    return /** @type {string} */ (value);
  };
}

/** @param {Check} check of the argument unless it is undefined */
function optional(check) {
  /** @type {Check} */
  const result = (value, name, turn) => (value === undefined ? undefined : check(value, name, turn));
  return result;
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function boolean(value, name) {
  if (typeof value !== "boolean") throw new IntrinsicError(`${name} must be true or false, not ${display(value)}`);
  return value;
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function finite(value, name) {
  if (typeof value !== "number" || !NumberIsFinite(value)) {
    throw new IntrinsicError(`${name} must be a number, not ${display(value)}`);
  }
  return value;
}

/**
 * Milliseconds since 1970.
 *
 * @param {unknown} value
 * @param {string} name
 */
function time(value, name) {
  if (typeof value !== "number" || !NumberIsSafeInteger(value) || value <= 0) {
    throw new IntrinsicError(`${name} must be milliseconds since 1970, not ${display(value)}`);
  }
  return value;
}

/**
 * One scope, without the white space around it.
 *
 * @param {unknown} value
 * @param {string} name
 */
function scope(value, name) {
  if (typeof value !== "string") throw new IntrinsicTypeError(`${name} must be a string, not ${kind(value)}`);
  const trimmed = StringTrim(value);
  if (trimmed === "" || trimmed.length > SCOPE_LENGTH || RegExpExec(WHITE_SPACE, trimmed) !== null) {
    throw new IntrinsicError(`${name} must have 1 to ${SCOPE_LENGTH} characters and no white space`);
  }
  return trimmed;
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {Record<string, unknown>}
 */
function object(value, name) {
  if (!isObject(value)) throw new IntrinsicError(`${name} must be an object, not ${kind(value)}`);
  return value;
}

/**
 * An optional object: the members that Auth0 knows, each with its check. It ignores the others, and the trace says so.
 *
 * @param {Record<string, Check>} members
 */
function options(members) {
  /** @type {Check} */
  const result = (value, name, turn) => {
    if (value === undefined || value === null) return undefined;
    /** @type {Record<string, unknown>} */
    const known = {};
    if (!isObject(value)) {
      turn.note(`${name} is not an object: it is ignored`);
      return known;
    }
    const keys = ObjectKeys(value);
    for (let index = 0; index < keys.length; index++) {
      const key = /** @type {string} */ (keys[index]);
      const check = ObjectHasOwn(members, key) ? members[key] : undefined;
      if (check === undefined) turn.note(`${name}.${key} is not an option: it is ignored`);
      else if (value[key] !== undefined) define(known, key, check(value[key], `${name}.${key}`, turn));
    }
    return known;
  };
  return result;
}

/**
 * A value as JSON has it: dates are texts, `undefined` members are gone.
 *
 * @param {unknown} value
 * @param {string} name
 */
function plain(value, name) {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  const encoded = json(value, name);
  return encoded === undefined ? undefined : JSONParse(encoded);
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {string | undefined} its JSON; undefined for undefined, which JSON leaves out
 */
function json(value, name) {
  const encoded = JSONStringify(value);
  if (encoded === undefined && value !== undefined)
    throw new IntrinsicError(`${name} must be JSON, not ${kind(value)}`);
  if (encoded !== undefined && isDeeper(encoded)) throw new IntrinsicError(`${name} has more than ${DEEPEST} levels`);
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

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === "object" && value !== null && !ArrayIsArray(value);
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

exports.anything = anything;
exports.atMost = atMost;
exports.boolean = boolean;
exports.filled = filled;
exports.finite = finite;
exports.includes = includes;
exports.isObject = isObject;
exports.json = json;
exports.matching = matching;
exports.object = object;
exports.oneOf = oneOf;
exports.optional = optional;
exports.options = options;
exports.plain = plain;
exports.scope = scope;
exports.text = text;
exports.time = time;
