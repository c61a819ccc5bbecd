"use strict";

/** The tokens of api.redirect: JWTs signed with a secret that the Action shares with the page it redirects to. */

const { Hmac, createHmac, timingSafeEqual } = require("node:crypto");

const { BufferFrom, JSONParse, JSONStringify, StringIndexOf, StringSlice, uncurryThis } = require("../primordials.js");

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
 * The claims of a token that a redirect brought back.
 *
 * @param {unknown} token
 * @param {string} secret
 * @param {{ now: number, state: unknown }} expected now: seconds since 1970; state: the one sent with the redirect
 * @returns {Record<string, unknown>}
 */
function verify(token, secret, { now, state }) {
  const parts = typeof token === "string" ? token : "";
  const first = StringIndexOf(parts, ".");
  const second = StringIndexOf(parts, ".", first + 1);
  const header = StringSlice(parts, 0, first);
  const payload = StringSlice(parts, first + 1, second);
  const signed = StringSlice(parts, second + 1);
  if (first < 1 || second <= first + 1 || signed === "" || StringIndexOf(signed, ".") !== -1) {
    throw new Error("The session token is missing or malformed");
  }
  const given = BufferFrom(signed, "base64url");
  const expected = signature(`${header}.${payload}`, secret);
  if (decode(header).alg !== "HS256" || given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new Error("The session token's signature is not valid");
  }
  const claims = decode(payload);
  if (typeof claims.exp !== "number" || claims.exp <= now) throw new Error("The session token has expired");
  if (typeof state !== "string" || claims.state !== state) {
    throw new Error("The session token's state is not the one of this redirect");
  }
  return claims;
}

/**
 * @param {string} part
 * @returns {Record<string, unknown>}
 */
function decode(part) {
  try {
    const value = JSONParse(BufferToString(BufferFrom(part, "base64url"), "utf8"));
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Told below, as for any other value that is no object.
  }
  throw new Error("The session token is missing or malformed");
}

exports.sign = sign;
exports.verify = verify;
