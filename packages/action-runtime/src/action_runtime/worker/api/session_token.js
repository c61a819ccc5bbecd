"use strict";

/** The tokens of api.redirect: JWTs signed with a secret that the Action shares with the page it redirects to. */

const { createHmac, timingSafeEqual } = require("node:crypto");

const { parse, stringify } = JSON;

/** @param {unknown} value */
function encode(value) {
  return Buffer.from(stringify(value)).toString("base64url");
}

/**
 * @param {string} signed
 * @param {string} secret
 */
function signature(signed, secret) {
  return createHmac("sha256", secret).update(signed).digest();
}

/**
 * @param {Record<string, unknown>} claims
 * @param {string} secret
 * @returns {string}
 */
function sign(claims, secret) {
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${signature(signed, secret).toString("base64url")}`;
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
  const [header, payload, signed, ...more] = typeof token === "string" ? token.split(".") : [];
  if (!header || !payload || !signed || more.length > 0) throw new Error("The session token is missing or malformed");
  const given = Buffer.from(signed, "base64url");
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
    const value = parse(Buffer.from(part, "base64url").toString("utf8"));
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Told below, as for any other value that is no object.
  }
  throw new Error("The session token is missing or malformed");
}

exports.sign = sign;
exports.verify = verify;
