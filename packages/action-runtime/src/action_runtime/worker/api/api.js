"use strict";

/**
 * The `api` object of one Action. It looks as Auth0's own does: a group is an object of a class, a method needs its
 * `this`, and what is not there is undefined. A method is declared: how each argument is checked, what it answers, whether
 * it ends the flow. Each call is recorded for the tenant, which turns it into effects.
 *
 * An Action may change its own api, as at Auth0; the methods are in frozen prototypes, and the next Action has objects of
 * its own.
 */

const { messageOf } = require("../errors.js");
const {
  IntrinsicError,
  ObjectDefineProperty,
  ObjectKeys,
  ReflectApply,
  ReflectDeleteProperty,
  close,
  define,
} = require("../primordials.js");
const { json } = require("./checks.js");

/** @typedef {import("../execution.js").Turn} Turn */
/**
 * @typedef {object} Method
 * @property {Record<string, import("./checks.js").Check>} [takes] the arguments in their order
 * @property {(turn: Turn, ...args: any[]) => unknown} [answer] what else it does, and what it returns
 * @property {boolean} [chains] whether it returns the api
 * @property {boolean} [stops] whether no later Action runs: the login is denied, or waits for the user
 * @property {boolean} [promises] whether it returns a promise
 * @property {boolean} [notBuilt] whether the local tenant has no such thing
 * @typedef {Record<string, Record<string, Method>>} Declarations methods by group
 * @typedef {new (turn: Turn) => object} GroupClass
 */
/**
 * @typedef {object} Trigger
 * @property {string} execute name of the handler
 * @property {string} [resume] name of the handler after a redirect
 * @property {(turn: Turn) => object} createApi
 */

/**
 * @param {Declarations} groups in the order in which the keys of the api are
 * @returns {(turn: Turn) => object}
 */
function apiMaker(groups) {
  const names = ObjectKeys(groups);
  /** @type {GroupClass[]} */
  const classes = [];
  /** @type {Record<string, object | undefined>} */
  const empty = {};
  for (let index = 0; index < names.length; index++) {
    const name = /** @type {string} */ (names[index]);
    define(classes, index, groupClass(name, /** @type {Record<string, Method>} */ (groups[name])));
    define(empty, name, undefined);
  }
  return (turn) => {
    // In the copy each group is an own member, so no setter is looked up. Defining them one by one is several times slower.
    const api = { ...empty };
    for (let index = 0; index < names.length; index++) {
      api[/** @type {string} */ (names[index])] = new /** @type {GroupClass} */ (classes[index])(turn);
    }
    return api;
  };
}

/**
 * @param {string} group
 * @param {Record<string, Method>} methods
 * @returns {GroupClass}
 */
function groupClass(group, methods) {
  /** @type {(self: any) => Turn} throws a TypeError for what is not of this class */
  let turnOf = () => {
    throw new IntrinsicError("the class is not there yet");
  };
  class Group {
    #turn;

    /** @param {Turn} turn */
    constructor(turn) {
      this.#turn = turn;
    }

    static {
      turnOf = (/** @type {Group} */ self) => self.#turn;
    }
  }
  const names = ObjectKeys(methods);
  for (let index = 0; index < names.length; index++) {
    const name = /** @type {string} */ (names[index]);
    const method = /** @type {Method} */ (methods[name]);
    const path = `${group}.${name}`;
    const holder = {
      /**
       * @this {unknown}
       * @param {unknown[]} args
       */
      [name](...args) {
        const call = () => invoke(turnOf(this), path, method, args);
        return method.promises ? promised(call) : call();
      },
    };
    const property = {
      __proto__: null,
      get: () => holder[name],
      // An Action may put a method of its own in its own object, as at Auth0, which a frozen prototype would not let it.
      /** @this {object} */
      set(/** @type {unknown} */ value) {
        define(this, name, value);
      },
    };
    ObjectDefineProperty(Group.prototype, name, /** @type {any} */ (property));
  }
  // With it an Action could make groups of turns that it invents.
  ReflectDeleteProperty(Group.prototype, "constructor");
  close(Group);
  return Group;
}

/** @param {() => unknown} call */
async function promised(call) {
  return call();
}

/**
 * @param {Turn} turn
 * @param {string} path without "api."
 * @param {Method} method
 * @param {unknown[]} args
 */
function invoke(turn, path, method, args) {
  if (turn.ended) throw new IntrinsicError(`api.${path} was called after the Action had ended: await what it does`);
  try {
    if (method.notBuilt || turn.lacks(path)) throw new IntrinsicError(`api.${path} is not built in the local tenant`);
    const values = checked(turn, path, method, args);
    const encoded = encode(values, 1, args.length + 1);
    const result = method.answer === undefined ? undefined : ReflectApply(method.answer, undefined, values);
    if (method.stops) turn.stops = true;
    turn.record(path, encoded);
    return method.chains ? turn.api : result;
  } catch (thrown) {
    turn.record(path, encode(args, 0, args.length), messageOf(thrown));
    throw thrown;
  }
}

/**
 * The turn and the arguments as they take effect: what `answer` takes.
 *
 * @param {Turn} turn
 * @param {string} path
 * @param {Method} method
 * @param {unknown[]} args
 * @returns {[Turn, ...unknown[]]}
 */
function checked(turn, path, { takes = {} }, args) {
  const names = ObjectKeys(takes);
  /** @type {[Turn, ...unknown[]]} */
  const values = [turn];
  for (let index = 0; index < names.length; index++) {
    const name = /** @type {string} */ (names[index]);
    // An element that is not there is never looked up in a prototype.
    const value = index < args.length ? args[index] : undefined;
    const check = /** @type {import("./checks.js").Check} */ (takes[name]);
    define(values, index + 1, check(value, `api.${path}: ${name}`, turn));
  }
  return values;
}

/**
 * JSON of each, with commas in between; null for what has none. A value that takes effect has: its check sees to that.
 *
 * @param {unknown[]} values
 * @param {number} first
 * @param {number} kept how many to show if they are undefined
 */
function encode(values, first, kept) {
  let { length } = values;
  while (length > kept && values[length - 1] === undefined) length--;
  let encoded = "";
  for (let index = first; index < length; index++)
    encoded += `${index === first ? "" : ","}${encodeOne(values[index])}`;
  return encoded;
}

/** @param {unknown} value */
function encodeOne(value) {
  try {
    return json(value, "an argument") ?? "null";
  } catch {
    return "null";
  }
}

exports.apiMaker = apiMaker;
