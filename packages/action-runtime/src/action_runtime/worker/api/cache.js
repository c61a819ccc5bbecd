"use strict";

/**
 * api.cache: kept in this worker, per trigger, and gone with it. Auth0 promises no more: items may not be there in a
 * later transaction (documented). The limits and error codes are those of Auth0's own object.
 */

const {
  IntrinsicTypeError,
  BufferByteLength,
  MathFloor,
  MathMin,
  NumberIsFinite,
  NumberIsSafeInteger,
  SafeMap,
  close,
} = require("../primordials.js");
const { anything, options } = require("./checks.js");

/** @typedef {import("../execution.js").Turn} Turn */
/** @typedef {import("./api.js").Method} Method */

const KEY_BYTES = 64;
const VALUE_BYTES = 4096;
const TOTAL_BYTES = 16 * 1024 + 256;
const ENTRIES = 20;
const USUAL = 15 * 60 * 1000;
/** The documented maximum. */
const LONGEST = 24 * 60 * 60 * 1000;

/** @typedef {{ value: string, expires_at: number }} CacheRecord expires_at: milliseconds since 1970 */
/** @typedef {{ type: "success", record?: CacheRecord } | { type: "error", code: string }} Result */

class Cache {
  /** @type {SafeMap<string, CacheRecord>} */
  #records = new SafeMap();

  /**
   * @param {string} key
   * @param {number} now milliseconds since 1970
   * @returns {CacheRecord | undefined}
   */
  get(key, now) {
    const record = this.#records.get(key);
    if (record === undefined) return undefined;
    if (record.expires_at > now) return { ...record };
    this.#records.delete(key);
    return undefined;
  }

  /**
   * @param {string} key
   * @param {string} value
   * @param {{ ttl?: unknown, expires_at?: unknown }} lifetime milliseconds, and milliseconds since 1970
   * @param {number} now
   * @returns {Result}
   */
  set(key, value, lifetime, now) {
    if (BufferByteLength(key) > KEY_BYTES) return { type: "error", code: "CacheKeySizeExceeded" };
    if (BufferByteLength(value) > VALUE_BYTES) return { type: "error", code: "CacheValueSizeExceeded" };
    const { bytes, entries } = this.#sizeWith(key, value, now);
    if (bytes > TOTAL_BYTES) return { type: "error", code: "CacheSizeExceeded" };
    const byLength = this.#end(lifetime.ttl, now);
    const byTime = this.#end(lifetime.expires_at, 0);
    if (byLength === undefined || byTime === undefined) return { type: "error", code: "InvalidExpiry" };
    let expiresAt = MathMin(byLength, byTime);
    if (expiresAt === Infinity) expiresAt = now + USUAL;
    if (expiresAt <= now) return { type: "error", code: "ItemAlreadyExpired" };
    if (!NumberIsSafeInteger(expiresAt)) return { type: "error", code: "InvalidExpiry" };
    if (entries > ENTRIES) return { type: "error", code: "CacheSizeExceeded" };
    expiresAt = MathMin(expiresAt, now + LONGEST);
    const record = { value, expires_at: expiresAt };
    this.#records.set(key, record);
    return { type: "success", record: { ...record } };
  }

  /**
   * @param {string} key
   * @param {number} now
   * @returns {Result}
   */
  delete(key, now) {
    if (this.get(key, now) === undefined) return { type: "error", code: "CacheKeyDoesNotExist" };
    this.#records.delete(key);
    return { type: "success" };
  }

  /**
   * @param {unknown} given milliseconds
   * @param {number} from milliseconds since 1970
   * @returns {number | undefined} undefined: that is no number
   */
  #end(given, from) {
    if (given === undefined) return Infinity;
    return typeof given === "number" && NumberIsFinite(given) ? from + MathFloor(given) : undefined;
  }

  /**
   * @param {string} key
   * @param {string} value
   * @param {number} now
   * @returns {{ bytes: number, entries: number }} of the cache with this in it; what it replaces takes room too
   */
  #sizeWith(key, value, now) {
    let bytes = BufferByteLength(key) + BufferByteLength(value);
    let entries = 1;
    this.#records.forEach((record, otherKey) => {
      if (record.expires_at <= now) {
        this.#records.delete(otherKey);
        return;
      }
      bytes += BufferByteLength(otherKey) + BufferByteLength(record.value);
      if (otherKey !== key) entries += 1;
    });
    return { bytes, entries };
  }
}

close(Cache);

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

/**
 * @param {unknown} value
 * @param {string} name
 */
function measurable(value, name) {
  if (typeof value !== "string") throw new IntrinsicTypeError(`${name} must be a string`);
  return value;
}

/** @type {Record<string, Method>} */
const cache = {
  get: {
    takes: { key: anything },
    answer: (turn, key) => cacheOf(turn).get(key, turn.execution.now()),
  },
  set: {
    takes: { key: measurable, value: measurable, options: options({ ttl: anything, expires_at: anything }) },
    answer: (turn, key, value, lifetime) => cacheOf(turn).set(key, value, lifetime ?? {}, turn.execution.now()),
  },
  delete: {
    takes: { key: anything },
    answer: (turn, key) => cacheOf(turn).delete(key, turn.execution.now()),
  },
};

exports.cache = cache;
