"use strict";

/**
 * The `api` object of one Action. Each call is checked, recorded for the tenant, which turns it into effects, and
 * answered. What is not there throws when it is called: nothing that an Action asks for is silently left undone.
 */

const { messageOf } = require("../errors.js");
const { json } = require("./checks.js");

/** @typedef {import("../execution.js").Turn} Turn */
/** @typedef {(turn: Turn, ...args: any[]) => unknown} Method */
/**
 * @typedef {object} Trigger
 * @property {string} execute name of the handler
 * @property {string} [resume] name of the handler after a redirect
 * @property {Record<string, Record<string, Method>>} groups api.GROUP.METHOD
 * @property {readonly string[]} notBuilt groups that Auth0 has and the local tenant has not
 */

/** Looked up by the language itself and by printing, never by an Action that wants something done. */
const INERT = new Set(["then", "toJSON", "constructor", "prototype", "toString", "toLocaleString", "valueOf"]);

/**
 * @param {Turn} turn
 * @param {Trigger} trigger
 * @param {ReadonlySet<string>} notBuilt what the tenant cannot apply: "session", "session.setCookieMode"
 * @returns {object}
 */
function createApi(turn, trigger, notBuilt) {
  /** @type {Map<string, object>} */
  const groups = new Map();
  return proxy({}, (name) => {
    const path = `api.${name}`;
    const methods = Object.hasOwn(trigger.groups, name) ? trigger.groups[name] : undefined;
    if (trigger.notBuilt.includes(name) || notBuilt.has(name)) return missing(turn, path, NOT_BUILT);
    if (methods === undefined) return missing(turn, path, NOT_THERE);
    let group = groups.get(name);
    if (group === undefined) {
      group = proxy({}, (method) => {
        const call = Object.hasOwn(methods, method) ? methods[method] : undefined;
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
  return new Proxy(target, {
    get: (_, name) => (typeof name === "symbol" || INERT.has(name) ? Reflect.get(target, name) : get(name)),
    // Neither an Action nor a package of it puts a method of its own where the next Action looks for Auth0's.
    set: () => false,
    defineProperty: () => false,
  });
}

/**
 * What stands where Auth0 has something, or nothing: it can be passed on and asked for members, but not be called.
 *
 * @param {Turn} turn
 * @param {string} path
 * @param {string} why
 * @returns {object}
 */
function missing(turn, path, why) {
  const refuse = (/** @type {unknown[]} */ ...args) =>
    invoke(turn, path.slice("api.".length), () => fail(`${path} ${why}`), args);
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
  const encoded = args.map((value, position) => json(value, `api.${name}: argument ${position + 1}`) ?? "null");
  try {
    const result = method(turn, ...args);
    turn.record(name, encoded);
    return result;
  } catch (thrown) {
    turn.record(name, encoded, messageOf(thrown));
    throw thrown;
  }
}

exports.createApi = createApi;
