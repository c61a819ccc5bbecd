"use strict";

/**
 * The `api` object of one Action. Each call is checked, recorded for the tenant, which turns it into effects, and
 * answered. What is not there throws when it is called: nothing that an Action asks for is silently left undone.
 */

const { messageOf } = require("../errors.js");
const { ObjectHasOwn, IntrinsicProxy, ReflectGet, SafeMap, SafeSet, StringSlice } = require("../primordials.js");
const { json } = require("./checks.js");

/** @typedef {import("../execution.js").Turn} Turn */
/** @typedef {(turn: Turn, ...args: any[]) => unknown} Method */
/**
 * @typedef {object} Trigger
 * @property {string} execute name of the handler
 * @property {string} [resume] name of the handler after a redirect
 * @property {Record<string, Record<string, Method>>} groups api.GROUP.METHOD
 * @property {SafeSet<string>} notBuilt groups that Auth0 has and the local tenant has not
 */

/** Looked up by the language itself and by printing, never by an Action that wants something done. */
const INERT = new SafeSet();
for (const name of ["then", "toJSON", "constructor", "prototype", "toString", "toLocaleString", "valueOf"])
  INERT.add(name);

/**
 * @param {Turn} turn
 * @param {Trigger} trigger
 * @param {SafeSet<string>} notBuilt what the tenant cannot apply: "session", "session.setCookieMode"
 * @returns {object}
 */
function createApi(turn, trigger, notBuilt) {
  /** @type {SafeMap<string, object>} */
  const groups = new SafeMap();
  return proxy({}, (name) => {
    const path = `api.${name}`;
    const methods = ObjectHasOwn(trigger.groups, name) ? trigger.groups[name] : undefined;
    if (trigger.notBuilt.has(name) || notBuilt.has(name)) return missing(turn, path, NOT_BUILT);
    if (methods === undefined) return missing(turn, path, NOT_THERE);
    let group = groups.get(name);
    if (group === undefined) {
      group = proxy({}, (method) => {
        const call = ObjectHasOwn(methods, method) ? methods[method] : undefined;
        if (notBuilt.has(`${name}.${method}`)) return missing(turn, `${path}.${method}`, NOT_BUILT);
        if (call === undefined) return missing(turn, `${path}.${method}`, NOT_THERE);
        return (/** @type {unknown[]} */ ...args) => invoke(turn, `${name}.${method}`, call, args);
      });
      groups.set(name, group);
    }
    return group;
  });
}

const NOT_BUILT = "is not built in the local tenant";
const NOT_THERE = "does not exist in this trigger's api";

/**
 * @template {object} T
 * @param {T} target
 * @param {(name: string) => unknown} get
 * @returns {T}
 */
function proxy(target, get) {
  const handler = {
    __proto__: null,
    get: (/** @type {T} */ _, /** @type {string | symbol} */ name) =>
      typeof name === "symbol" || INERT.has(name) ? ReflectGet(target, name) : get(name),
    // Neither an Action nor a package of it puts a method of its own where the next Action looks for Auth0's.
    set: () => false,
    defineProperty: () => false,
  };
  return new IntrinsicProxy(target, /** @type {any} */ (handler));
}

/**
 * In place of what Auth0 has, or has not: it can be passed on and asked for members, but not be called.
 *
 * @param {Turn} turn
 * @param {string} path
 * @param {string} why
 * @returns {object}
 */
function missing(turn, path, why) {
  const refuse = (/** @type {unknown[]} */ ...args) =>
    invoke(turn, StringSlice(path, "api.".length), () => fail(`${path} ${why}`), args);
  return proxy(refuse, (name) => missing(turn, `${path}.${name}`, why));
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  throw new Error(message);
}

/**
 * @param {Turn} turn
 * @param {string} name without "api."
 * @param {Method} method
 * @param {unknown[]} args
 */
function invoke(turn, name, method, args) {
  if (turn.ended) throw new Error(`api.${name} was called after the Action had ended: await what it does`);
  let encoded = "";
  for (let index = 0; index < args.length; index++) {
    const part = json(args[index], `api.${name}: argument ${index + 1}`) ?? "null";
    encoded += index === 0 ? part : `,${part}`;
  }
  try {
    const result = method(turn, argument(args, 0), argument(args, 1), argument(args, 2));
    turn.record(name, encoded);
    return result;
  } catch (thrown) {
    turn.record(name, encoded, messageOf(thrown));
    throw thrown;
  }
}

/**
 * No method takes more than three; an element that is not there is never looked up in a prototype.
 *
 * @param {unknown[]} args
 * @param {number} index
 */
function argument(args, index) {
  return index < args.length ? args[index] : undefined;
}

exports.createApi = createApi;
