"use strict";

/**
 * Each Action's own copy of the event, and what it reads of values that an earlier Action wrote in the same
 * transaction. Such a read is *stale*: its result depends on the model of metadata visibility.
 */

const { inspect } = require("node:util");

const { parse, stringify } = JSON;

/** @typedef {"app_metadata" | "user_metadata"} Container */
/** @typedef {{ by: number, json: string }} Written by: number of the Action in the flow; json: its value, null to delete */
/** @typedef {Record<Container, Map<string, Written>>} Writes */
/** @typedef {{ app_metadata: Record<string, unknown>, user_metadata: Record<string, unknown> }} Metadata */
/** @typedef {(container: string, key: string, by: number, seen: unknown, other: unknown) => void} Report */

/** @type {readonly Container[]} */
const CONTAINERS = ["app_metadata", "user_metadata"];

/** @type {WeakMap<object, Watch>} */
const watches = new WeakMap();

/**
 * One of the two metadata objects, watched. A proxy, because listing the keys of an object reads it too.
 *
 * @implements {ProxyHandler<Record<string, unknown>>}
 */
class Watch {
  /** @type {Map<string, { by: number, other: unknown }>} keys not yet read or replaced by this Action */
  #unread;
  #container;
  #report;

  /**
   * @param {Container} container
   * @param {Map<string, { by: number, other: unknown }>} written
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
    for (const key of [...this.#unread.keys()]) this.#read(target, key);
    return target;
  }

  /**
   * @param {Record<string, unknown>} target
   * @param {string | symbol} key
   * @param {unknown} receiver
   */
  get(target, key, receiver) {
    // console.log() looks past a proxy; this is where it asks how to print.
    if (key === inspect.custom) return () => this.readAll(target);
    this.#read(target, key);
    return Reflect.get(target, key, receiver);
  }

  /**
   * @param {Record<string, unknown>} target
   * @param {string | symbol} key
   */
  has(target, key) {
    this.#read(target, key);
    return Reflect.has(target, key);
  }

  /** @param {Record<string, unknown>} target */
  ownKeys(target) {
    return Reflect.ownKeys(this.readAll(target)).filter((key) => key !== inspect.custom);
  }

  /**
   * @param {Record<string, unknown>} target
   * @param {string | symbol} key
   */
  getOwnPropertyDescriptor(target, key) {
    this.#read(target, key);
    return Reflect.getOwnPropertyDescriptor(target, key);
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
    return Reflect.set(target, key, value);
  }

  /**
   * @param {Record<string, unknown>} target
   * @param {string | symbol} key
   * @param {PropertyDescriptor} descriptor
   */
  defineProperty(target, key, descriptor) {
    if (typeof key === "string") this.#unread.delete(key);
    return Reflect.defineProperty(target, key, descriptor);
  }

  /**
   * @param {Record<string, unknown>} target
   * @param {string | symbol} key
   */
  deleteProperty(target, key) {
    if (typeof key === "string") this.#unread.delete(key);
    return Reflect.deleteProperty(target, key);
  }
}

/**
 * @param {Record<string, unknown>} target
 * @param {Container} container
 * @param {Map<string, { by: number, other: unknown }>} written
 * @param {Report} report
 */
function watch(target, container, written, report) {
  const handler = new Watch(container, written, report);
  Object.defineProperty(target, inspect.custom, { value: () => ({ ...handler.readAll(target) }), configurable: true });
  const proxy = new Proxy(target, handler);
  watches.set(proxy, handler);
  return proxy;
}

/**
 * A copy of the event for one Action.
 *
 * @param {string} json the event without secrets
 * @param {object} own
 * @param {Record<string, string>} own.secrets
 * @param {Writes} own.writes by earlier Actions of this transaction
 * @param {Record<string, unknown>} own.changes what happened to the user since the snapshot (an enrolment)
 * @param {boolean} own.visible whether an Action sees them
 * @param {Record<string, unknown> | null} own.transactionMetadata
 * @param {Report} own.report
 * @returns {Record<string, unknown>}
 */
function eventFor(json, { secrets, writes, changes, visible, transactionMetadata, report }) {
  const event = parse(json);
  event.secrets = { ...secrets };
  event.configuration = {};
  if (transactionMetadata !== null) {
    event.transaction ??= {};
    event.transaction.metadata = { ...transactionMetadata };
  }
  const user = event.user;
  if (typeof user !== "object" || user === null) return event;
  for (const container of CONTAINERS) {
    if (writes[container].size > 0) applyWrites(user, container, writes[container], visible, report);
  }
  for (const [key, value] of Object.entries(changes)) {
    const [seen, other] = visible ? [value, user[key]] : [user[key], value];
    // The snapshot's user may not have the key at all: then only a read by name can be seen.
    watchProperty(user, key, seen, key in user || visible, () => report("user", key, -1, seen, other));
  }
  return event;
}

/**
 * @param {Record<string, any>} user
 * @param {Container} container
 * @param {Map<string, Written>} writes
 * @param {boolean} visible
 * @param {Report} report
 */
function applyWrites(user, container, writes, visible, report) {
  const missing = typeof user[container] !== "object" || user[container] === null;
  const target = missing ? {} : user[container];
  /** @type {Map<string, { by: number, other: unknown }>} */
  const written = new Map();
  for (const [key, { by, json }] of writes) {
    const value = parse(json);
    written.set(key, { by, other: visible ? target[key] : value });
    if (!visible) continue;
    if (value === null) delete target[key];
    else target[key] = value;
  }
  if (!missing || visible) {
    user[container] = watch(target, container, written, report);
    return;
  }
  // The snapshot has no such object: asking for it is already a read of everything that was written into it.
  watchProperty(user, container, user[container], container in user, () => {
    for (const [key, { by, other }] of written) report(container, key, by, undefined, other);
  });
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
  Object.defineProperty(owner, key, {
    get() {
      if (unread) read();
      unread = false;
      return current;
    },
    set(replacement) {
      unread = false;
      current = replacement;
    },
    enumerable,
    configurable: true,
  });
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
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return value;
  /** @type {any} */
  let copy = value;
  for (const [key, item] of Object.entries(value)) {
    const plain = unwatched(item);
    if (plain === item) continue;
    if (copy === value) copy = Array.isArray(value) ? [...value] : { ...value };
    copy[key] = plain;
  }
  return copy;
}

/** @returns {Writes} */
function noWrites() {
  return { app_metadata: new Map(), user_metadata: new Map() };
}

/**
 * The JSON of a value that was read; a value that is absent is told as none.
 *
 * @param {unknown} value
 */
function jsonOf(value) {
  return stringify(value) ?? "null";
}

exports.CONTAINERS = CONTAINERS;
exports.cloneWatchedObjects = cloneWatchedObjects;
exports.eventFor = eventFor;
exports.jsonOf = jsonOf;
exports.noWrites = noWrites;
