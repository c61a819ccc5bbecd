"use strict";

/** The tokens of api.redirect: JWTs signed with a secret that the Action shares with the page it redirects to. */

const { Hmac, createHmac } = require("node:crypto");

const {
  BufferByteLength,
  IntrinsicError,
  IntrinsicUint8Array,
  JSONParse,
  JSONStringify,
  StringCharCodeAt,
  StringIndexOf,
  StringSlice,
  define,
  own,
  uncurryThis,
} = require("../primordials.js");

// A Buffer looks its methods up when it is made and read; these are the ones that it would find.
const { base64urlSlice, base64urlWrite, utf8Slice, utf8Write } = /** @type {any} */ (Buffer.prototype);
/** @typedef {(bytes: Uint8Array, start: number, end: number) => string} Slice */
/** @typedef {(bytes: Uint8Array, text: string, offset: number, length: number) => number} Write */
const Base64urlSlice = /** @type {Slice} */ (uncurryThis(base64urlSlice));
const Base64urlWrite = /** @type {Write} */ (uncurryThis(base64urlWrite));
const Utf8Slice = /** @type {Slice} */ (uncurryThis(utf8Slice));
const Utf8Write = /** @type {Write} */ (uncurryThis(utf8Write));
const { update, digest } = Hmac.prototype;
/** @type {(hmac: import("node:crypto").Hmac, text: string) => void} */
const HmacUpdate = uncurryThis(/** @type {any} */ (update));
/** @type {(hmac: import("node:crypto").Hmac, encoding: "base64url") => string} */
const HmacDigest = uncurryThis(/** @type {any} */ (digest));

/** @param {number} length */
function bytesOfLength(length) {
  // Its own, or it would be looked up.
  return define(new IntrinsicUint8Array(length), "byteLength", length);
}

/** @param {string} text */
function bytesOf(text) {
  const length = BufferByteLength(text);
  const bytes = bytesOfLength(length);
  Utf8Write(bytes, text, 0, length);
  return bytes;
}

/** @param {unknown} value */
function encode(value) {
  const text = JSONStringify(value);
  return Base64urlSlice(bytesOf(text), 0, BufferByteLength(text));
}

/**
 * @param {string} signed
 * @param {string} secret
 */
function signature(signed, secret) {
  const hmac = createHmac("sha256", bytesOf(secret));
  HmacUpdate(hmac, signed);
  return HmacDigest(hmac, "base64url");
}

/**
 * @param {Record<string, unknown>} claims
 * @param {string} secret
 * @returns {string}
 */
function sign(claims, secret) {
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${signature(signed, secret)}`;
}

/**
 * The claims of a token that a redirect brought back. The reasons are those that Auth0 gives.
 *
 * @param {unknown} token
 * @param {string} secret
 * @param {{ now: number, state: unknown, userId: unknown }} expected now: seconds since 1970; state: of /continue
 * @returns {Record<string, unknown>}
 */
function verify(token, secret, { now, state, userId }) {
  const parts = typeof token === "string" ? token : "";
  const first = StringIndexOf(parts, ".");
  const second = StringIndexOf(parts, ".", first + 1);
  const signed = StringSlice(parts, 0, second);
  const isSigned = first > 0 && second > first && same(StringSlice(parts, second + 1), signature(signed, secret));
  if (!isSigned || own(decode(StringSlice(parts, 0, first)), "alg") !== "HS256") refuse("Failed signature validation");
  const claims = decode(StringSlice(parts, first + 1, second));
  const { exp, iat, iss, sub } = claims;
  if (typeof exp !== "number" || typeof iat !== "number" || typeof iss !== "string" || typeof sub !== "string") {
    refuse("Missing or invalid standard claims");
  }
  if (typeof state !== "string" || claims.state !== state)
    refuse("State in the token does not match the /continue state.");
  if (sub !== userId) refuse("The sub claim does not match the user_id.");
  if (exp <= now) refuse("Token has expired.");
  return claims;
}

/**
 * In the same time wherever they differ.
 *
 * @param {string} one
 * @param {string} other
 */
function same(one, other) {
  let difference = one.length ^ other.length;
  for (let index = 0; index < other.length; index++) {
    difference |= StringCharCodeAt(one, index) ^ StringCharCodeAt(other, index);
  }
  return difference === 0;
}

/**
 * @param {string} reason
 * @returns {never}
 */
function refuse(reason) {
  throw new IntrinsicError(`The session token is invalid: ${reason}`);
}

/**
 * @param {string} part
 * @returns {Record<string, any>}
 */
function decode(part) {
  try {
    const bytes = bytesOfLength(part.length);
    const value = JSONParse(Utf8Slice(bytes, 0, Base64urlWrite(bytes, part, 0, part.length)));
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // As for any other value that is no object.
  }
  return refuse("Failed signature validation");
}

exports.sign = sign;
exports.verify = verify;
