"use strict";

/** The tokens of api.redirect: JWTs signed with a secret that the Action shares with the page it redirects to. */

const { Hmac, createHmac, timingSafeEqual } = require("node:crypto");

const {
  IntrinsicError,
  BufferFrom,
  JSONParse,
  JSONStringify,
  StringIndexOf,
  StringSlice,
  own,
  uncurryThis,
} = require("../primordials.js");

const BufferToString = uncurryThis(Buffer.prototype.toString);
const { update, digest } = Hmac.prototype;
/** @type {(hmac: import("node:crypto").Hmac, text: string) => void} */
const HmacUpdate = uncurryThis(/** @type {any} */ (update));
/** @type {(hmac: import("node:crypto").Hmac) => Buffer} */
const HmacDigest = uncurryThis(/** @type {any} */ (digest));

/** @param {unknown} value */
function encode(value) {
  return BufferToString(BufferFrom(JSONStringify(value)), "base64url");
}

/**
 * @param {string} signed
 * @param {string} secret
 */
function signature(signed, secret) {
  const hmac = createHmac("sha256", secret);
  HmacUpdate(hmac, signed);
  return HmacDigest(hmac);
}

/**
 * @param {Record<string, unknown>} claims
 * @param {string} secret
 * @returns {string}
 */
function sign(claims, secret) {
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${BufferToString(signature(signed, secret), "base64url")}`;
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
  const given = BufferFrom(StringSlice(parts, second + 1), "base64url");
  const expected = signature(signed, secret);
  const isSigned = first > 0 && second > first && given.length === expected.length && timingSafeEqual(given, expected);
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
    const value = JSONParse(BufferToString(BufferFrom(part, "base64url"), "utf8"));
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // As for any other value that is no object.
  }
  return refuse("Failed signature validation");
}

exports.sign = sign;
exports.verify = verify;
