"use strict";

/**
 * Each Action's own copy of the event, and what it reads of values that an earlier Action wrote in the same
 * transaction. Such a read is *stale*: its result depends on the model of metadata visibility.
 */

const { inspect } = require("node:util");

const {
  ArrayIsArray,
  JSONParse,
  JSONStringify,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ObjectHasOwn,
  ObjectKeys,
  ObjectPrototype,
  IntrinsicProxy,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  ReflectGet,
  ReflectGetOwnPropertyDescriptor,
  ReflectHas,
  ReflectOwnKeys,
  ReflectSet,
  SafeMap,
  SafeWeakMap,
  close,
  define,
  detach,
  own,
} = require("./primordials.js");

const { custom } = inspect;

/** @typedef {"app_metadata" | "user_metadata"} Container */
/** @typedef {{ by: number, json: string }} Written by: number of the Action in the flow; json: its value, null to delete */
/** @typedef {Record<Container, SafeMap<string, Written>>} Writes */
/** @typedef {SafeMap<string, { by: number, other: unknown }>} Unread */
/** @typedef {{ app_metadata: Record<string, unknown>, user_metadata: Record<string, unknown> }} Metadata */
/** @typedef {(container: string, key: string, by: number, seen: unknown, other: unknown) => void} Report */

/** @typedef {"transaction" | "session" | "refresh_token"} Kind members of the event that have metadata */
/**
 * What Actions have changed of them: all of the metadata, null where nothing was.
 *
 * @typedef {Record<Kind, Record<string, unknown> | null> & { cookieMode: string | null }} Kept
 */

/** @type {readonly Kind[]} */
const KINDS = ["transaction", "session", "refresh_token"];

/** @type {readonly Container[]} */
const CONTAINERS = ["app_metadata", "user_metadata"];

/** @type {SafeWeakMap<object, Watch>} */
const watches = new SafeWeakMap();

/**
 * One of the two metadata objects, watched. A proxy, because listing the keys of an object reads it too.
 *
 * @implements {ProxyHandler<Record<string, unknown>>}
 */
class Watch {
  /** @type {Unread} keys not yet read or replaced by this Action */
  #unread;
  #container;
  #report;

  /**
   * @param {Container} container
   * @param {Unread} written
   * @param {Report} report
   */
  constructor(container, written, report) {
    this.#container = container;
    this.#unread = written;
    this.#report = report;
  }

  /**
   * @param {Record<string, unknown>} target
   * @param {string | symbol} key
   */
  #read(target, key) {
    if (typeof key !== "string") return;
    const written = this.#unread.get(key);
    if (written === undefined) return;
    this.#unread.delete(key);
    this.#report(this.#container, key, written.by, target[key], written.other);
  }

  /** @param {Record<string, unknown>} target */
  readAll(target) {
    this.#unread.forEach((_, key) => {
      this.#read(target, key);
    });
    return target;
  }

  /**
   * @param {Record<string, unknown>} target
   * @param {string | symbol} key
   * @param {unknown} receiver
   */
  get(target, key, receiver) {
    // console.log() looks past a proxy; this is where it asks how to print.
    if (key === custom) return () => this.readAll(target);
    this.#read(target, key);
    return ReflectGet(target, key, receiver);
  }

  /**
   * @param {Record<string, unknown>} target
   * @param {string | symbol} key
   */
  has(target, key) {
    this.#read(target, key);
    return ReflectHas(target, key);
  }

  /** @param {Record<string, unknown>} target */
  ownKeys(target) {
    const all = ReflectOwnKeys(this.readAll(target));
    /** @type {(string | symbol)[]} */
    const keys = [];
    for (let index = 0; index < all.length; index++) if (all[index] !== custom) define(keys, keys.length, all[index]);
    return keys;
  }

  /**
   * @param {Record<string, unknown>} target
   * @param {string | symbol} key
   */
  getOwnPropertyDescriptor(target, key) {
    this.#read(target, key);
    return ReflectGetOwnPropertyDescriptor(target, key);
  }

  /**
   * What an Action puts there itself is its own.
   *
   * @param {Record<string, unknown>} target
   * @param {string | symbol} key
   * @param {unknown} value
   */
  set(target, key, value) {
    if (typeof key === "string") this.#unread.delete(key);
    return ReflectSet(target, key, value);
  }

  /**
   * @param {Record<string, unknown>} target
   * @param {string | symbol} key
   * @param {PropertyDescriptor} descriptor
   */
  defineProperty(target, key, descriptor) {
    if (typeof key === "string") this.#unread.delete(key);
    return ReflectDefineProperty(target, key, descriptor);
  }

  /**
   * @param {Record<string, unknown>} target
   * @param {string | symbol} key
   */
  deleteProperty(target, key) {
    if (typeof key === "string") this.#unread.delete(key);
    return ReflectDeleteProperty(target, key);
  }
}

/**
 * @param {Record<string, unknown>} target
 * @param {Container} container
 * @param {Unread} written
 * @param {Report} report
 */
function watch(target, container, written, report) {
  const handler = new Watch(container, written, report);
  const value = () => ({ ...handler.readAll(target) });
  ObjectDefineProperty(target, custom, /** @type {any} */ ({ __proto__: null, value, configurable: true }));
  const proxy = new IntrinsicProxy(target, handler);
  watches.set(proxy, handler);
  return proxy;
}

/**
 * A copy of the event for one Action.
 *
 * @param {string} json the event without secrets
 * @param {object} own
 * @param {string} own.trigger
 * @param {Record<string, string>} own.secrets
 * @param {Writes} own.writes by earlier Actions of this transaction
 * @param {Record<string, unknown>} own.changes what happened to the user since the snapshot (an enrolment)
 * @param {boolean} own.visible whether an Action sees them
 * @param {Kept} own.kept
 * @param {Report} own.report
 * @returns {Record<string, unknown>}
 */
function eventFor(json, { trigger, secrets, writes, changes, visible, kept, report }) {
  const event = JSONParse(json);
  define(event, "secrets", { ...secrets });
  define(event, "configuration", {});
  const transaction = own(event, "transaction");
  if (trigger === "post-login" && isObject(transaction) && own(transaction, "metadata") === undefined) {
    define(transaction, "metadata", {});
  }
  for (let index = 0; index < KINDS.length; index++) {
    const kind = /** @type {Kind} */ (KINDS[index]);
    if (kept[kind] !== null) mirror(event, kind, kept[kind]);
  }
  if (kept.cookieMode !== null) mirror(event, "cookieMode", kept.cookieMode);
  const user = own(event, "user");
  if (typeof user !== "object" || user === null) return event;
  for (let index = 0; index < CONTAINERS.length; index++) {
    const container = /** @type {Container} */ (CONTAINERS[index]);
    if (writes[container].size > 0) applyWrites(user, container, writes[container], visible, report);
  }
  const keys = ObjectKeys(changes);
  for (let index = 0; index < keys.length; index++) {
    const key = /** @type {string} */ (keys[index]);
    const before = own(user, key);
    const after = changes[key];
    const seen = visible ? after : before;
    const other = visible ? before : after;
    // The snapshot's user may not have the key at all: then only a read by name can be seen.
    watchProperty(user, key, seen, visible || ObjectHasOwn(user, key), () => report("user", key, -1, seen, other));
  }
  return event;
}

/**
 * Show in the event what is kept: only where the event has such a member, but for the transaction.
 *
 * @param {Record<string, unknown>} event
 * @param {keyof Kept} name
 * @param {unknown} value all of the metadata, or the mode of the session's cookie
 */
function mirror(event, name, value) {
  const member = name === "cookieMode" ? "session" : name;
  let owner = own(event, member);
  if (!isObject(owner)) {
    if (member !== "transaction") return;
    owner = {};
    define(event, member, owner);
  }
  if (name !== "cookieMode") define(owner, "metadata", { .../** @type {object} */ (value) });
  else define(event, member, { ...owner, cookie: { ...own(owner, "cookie"), mode: value } });
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === "object" && value !== null;
}

/**
 * @param {Record<string, any>} user
 * @param {Container} container
 * @param {SafeMap<string, Written>} writes
 * @param {boolean} visible
 * @param {Report} report
 */
function applyWrites(user, container, writes, visible, report) {
  const target = own(user, container);
  if (!isObject(target)) return;
  /** @type {Unread} */
  const written = new SafeMap();
  writes.forEach(({ by, json }, key) => {
    const value = JSONParse(json);
    written.set(key, { by, other: visible ? own(target, key) : value });
    if (!visible) return;
    if (value === null) delete target[key];
    else define(target, key, value);
  });
  define(user, container, watch(target, container, written, report));
}

/**
 * @param {Record<string, unknown>} owner
 * @param {string} key
 * @param {unknown} value
 * @param {boolean} enumerable
 * @param {() => void} read called when the Action first reads the value, unless it has replaced it before
 */
function watchProperty(owner, key, value, enumerable, read) {
  let unread = true;
  let current = value;
  const property = {
    __proto__: null,
    get() {
      if (unread) read();
      unread = false;
      return current;
    },
    set(/** @type {unknown} */ replacement) {
      unread = false;
      current = replacement;
    },
    enumerable,
    configurable: true,
  };
  ObjectDefineProperty(owner, key, /** @type {any} */ (property));
}

/** Let structuredClone() take an event: it refuses proxies, and an Action cannot know that there are some. */
function cloneWatchedObjects() {
  const clone = globalThis.structuredClone;
  /** @type {typeof structuredClone} */
  globalThis.structuredClone = (value, options) => {
    try {
      return clone(value, options);
    } catch (error) {
      const plain = unwatched(value);
      if (plain === value) throw error;
      return clone(plain, options);
    }
  };
}

/**
 * The same value with copies of the watched objects in it.
 *
 * @template T
 * @param {T} value
 * @returns {T}
 */
function unwatched(value) {
  if (typeof value !== "object" || value === null) return value;
  if (watches.has(value)) return { ...value };
  const prototype = ObjectGetPrototypeOf(value);
  if (prototype !== ObjectPrototype && !ArrayIsArray(value)) return value;
  /** @type {any} */
  let copy = value;
  const keys = ObjectKeys(value);
  for (let index = 0; index < keys.length; index++) {
    const key = /** @type {keyof T} */ (keys[index]);
    const plain = unwatched(value[key]);
    if (plain === value[key]) continue;
    if (copy === value) copy = shallowCopy(value);
    define(copy, key, plain);
  }
  return copy;
}

/** @param {object} value */
function shallowCopy(value) {
  if (!ArrayIsArray(value)) return { ...value };
  /** @type {unknown[]} */
  const copy = [];
  for (let index = 0; index < value.length; index++) define(copy, index, value[index]);
  return copy;
}

/** @returns {Writes} */
function noWrites() {
  return { app_metadata: new SafeMap(), user_metadata: new SafeMap() };
}

/**
 * The JSON of a value that was read; null for an absent one.
 *
 * @param {unknown} value
 */
function jsonOf(value) {
  return JSONStringify(value) ?? "null";
}

detach(Watch.prototype);
close(Watch);

exports.CONTAINERS = CONTAINERS;
exports.cloneWatchedObjects = cloneWatchedObjects;
exports.eventFor = eventFor;
exports.jsonOf = jsonOf;
exports.mirror = mirror;
exports.noWrites = noWrites;
