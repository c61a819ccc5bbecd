"use strict";

/** api.samlResponse of post-login. Each call is checked as at Auth0 and has no effect: no login here is a SAML login. */

const {
  IntrinsicError,
  ArrayIsArray,
  BufferByteLength,
  JSONStringify,
  ObjectKeys,
  define,
} = require("../primordials.js");
const { atMost, boolean, finite, oneOf, optional } = require("./checks.js");

/** @typedef {import("./api.js").Method} Method */
/** @typedef {import("./checks.js").Check} Check */

const TOTAL_BYTES = 102_400;

/** @param {import("../execution.js").Turn} turn */
const ignored = (turn) => turn.ignore("this is no SAML login");

/** @type {Record<string, Check>} */
const SETTINGS = {
  setAudience: atMost(2048),
  setRecipient: atMost(2048),
  setCreateUpnClaim: boolean,
  setPassthroughClaimsWithNoMapping: boolean,
  setMapUnknownClaimsAsIs: boolean,
  setMapIdentities: boolean,
  setSignatureAlgorithm: oneOf(["rsa-sha256", "rsa-sha1"]),
  setDigestAlgorithm: oneOf(["sha256", "sha1"]),
  setDestination: atMost(2048),
  setLifetimeInSeconds: finite,
  setSignResponse: boolean,
  setNameIdentifierFormat: atMost(512),
  setNameIdentifierProbes(value, name) {
    if (!ArrayIsArray(value) || value.length > 10)
      throw new IntrinsicError(`${name} must be an array of at most 10 texts`);
    for (let index = 0; index < value.length; index++) atMost(512)(value[index], `${name}[${index}]`);
    return value;
  },
  setAuthnContextClassRef: atMost(512),
  setSigningCert: atMost(4096),
  setIncludeAttributeNameFormat: boolean,
  setTypedAttributes: boolean,
  setEncryptionCert: atMost(4096),
  setEncryptionPublicKey: atMost(4096),
  setCert: atMost(4096),
  setKey: atMost(4096),
  setRelayState: atMost(512),
  setIssuer: atMost(512),
  setEncryptionAlgorithm: oneOf(["aes256-gcm", "aes256-cbc"]),
};

/**
 * @param {unknown} value
 * @param {string} name
 */
function attributeValue(value, name) {
  if (!ArrayIsArray(value)) return value === undefined || value === null ? null : simpleValue(value, name);
  for (let index = 0; index < value.length; index++) simpleValue(value[index], `${name}[${index}]`);
  return value;
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function simpleValue(value, name) {
  if (typeof value === "boolean") return value;
  return typeof value === "number" ? finite(value, name) : atMost(2048)(value, name);
}

/** @type {Record<string, Method>} */
const samlResponse = {
  setAttribute: {
    takes: { attribute: atMost(1024), value: attributeValue },
    answer(turn, attribute, value) {
      if (BufferByteLength(JSONStringify({ [attribute]: value })) > TOTAL_BYTES) {
        throw new IntrinsicError(`api.samlResponse.setAttribute: the attributes have more than ${TOTAL_BYTES} bytes`);
      }
      ignored(turn);
    },
    chains: true,
  },
};
const names = ObjectKeys(SETTINGS);
for (let index = 0; index < names.length; index++) {
  const name = /** @type {string} */ (names[index]);
  const value = optional(/** @type {Check} */ (SETTINGS[name]));
  define(samlResponse, name, { takes: { value }, answer: ignored, chains: true });
}

exports.samlResponse = samlResponse;
