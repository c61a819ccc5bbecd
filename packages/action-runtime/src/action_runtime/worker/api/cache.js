"use strict";

/**
 * api.cache: kept in this worker, per trigger, and gone with it. Auth0 promises no more: items may not be there in a
 * later transaction (documented). The limits are the documented ones, the error codes those of Auth0's type declarations.
 */

const { BufferByteLength, MathFloor, MathMin, NumberIsFinite, SafeMap, close } = require("../primordials.js");

const KEY_BYTES = 64;
const VALUE_BYTES = 4096;
const TOTAL_BYTES = 8192;
const ENTRIES = 20;
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
    const byLength = this.#end(lifetime.ttl, now);
    const byTime = this.#end(lifetime.expires_at, 0);
    if (byLength === undefined || byTime === undefined) return { type: "error", code: "InvalidExpiry" };
    const expiresAt = MathMin(now + LONGEST, byLength, byTime);
    if (expiresAt <= now) return { type: "error", code: "ItemAlreadyExpired" };
    if (!this.#hasRoom(key, value, now)) return { type: "error", code: "CacheSizeExceeded" };
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
   */
  #hasRoom(key, value, now) {
    let bytes = BufferByteLength(key) + BufferByteLength(value);
    let entries = 1;
    this.#records.forEach((record, otherKey) => {
      if (record.expires_at <= now) this.#records.delete(otherKey);
      if (record.expires_at <= now || otherKey === key) return;
      bytes += BufferByteLength(otherKey) + BufferByteLength(record.value);
      entries += 1;
    });
    return bytes <= TOTAL_BYTES && entries <= ENTRIES;
  }
}

close(Cache);

exports.Cache = Cache;
