"use strict";

/**
 * What Actions keep with the session, the refresh token and the transaction: metadata, and the mode of the session's
 * cookie. A change is in the event at once, and in those of later Actions; what is kept at the end goes to the tenant as a
 * whole. Metadata set in a login without a refresh token is kept for the one that the login gets.
 */

const { mirror } = require("../event.js");
const {
  IntrinsicError,
  BufferByteLength,
  JSONParse,
  JSONStringify,
  MathAbs,
  NumberIsFinite,
  ObjectHasOwn,
  ObjectKeys,
  RegExpExec,
  StringIncludes,
  define,
  own,
} = require("../primordials.js");
const { messageOf } = require("../errors.js");
const { anything, atMost, boolean, filled, isObject, object, oneOf, text, time } = require("./checks.js");

/** @typedef {import("../execution.js").Turn} Turn */
/** @typedef {import("./api.js").Method} Method */
/** @typedef {import("../event.js").Kind} Kind */

/** Of sessions and refresh tokens: entries, and characters of a value. */
const ENTRIES = 25;
const VALUE_LENGTH = 255;
const KEY = /^[a-zA-Z0-9_-]{1,255}$/;

/** Of transactions (documented): characters of a key, bytes of a value and of all together. */
const TRANSACTION_KEY_LENGTH = 64;
const TRANSACTION_VALUE_BYTES = 8 * 1024;
const TRANSACTION_BYTES = 16 * 1024;
const LARGEST = Number.MAX_SAFE_INTEGER;

/**
 * The metadata that a call changes: what earlier calls of this Action left, wrong entries included, as at Auth0.
 *
 * @param {Turn} turn
 * @param {Kind} kind
 * @returns {Record<string, unknown>}
 */
function metadataOf({ execution, metadata }, kind) {
  const known = metadata.get(kind);
  if (known !== undefined) return known;
  const before = execution.kept[kind] ?? own(own(JSONParse(execution.event), kind), "metadata");
  const copy = isObject(before) ? { ...before } : {};
  metadata.set(kind, copy);
  return copy;
}

/**
 * @param {Turn} turn
 * @param {Kind} kind
 * @param {Record<string, unknown>} metadata
 */
function keep({ execution, event }, kind, metadata) {
  const copy = { ...metadata };
  execution.kept[kind] = copy;
  mirror(event, kind, copy);
}

/**
 * api.session and api.refreshToken.
 *
 * @param {"session" | "refresh_token"} kind
 * @param {string} what in words
 * @returns {Record<string, Method>}
 */
function metadataMethods(kind, what) {
  return {
    setMetadata: {
      takes: { key: anything, value: anything },
      answer(turn, key, value) {
        try {
          set(turn, kind, key, value);
        } catch (thrown) {
          throw new IntrinsicError(`Failed to set ${what} metadata: ${messageOf(thrown)}`);
        }
      },
    },
    deleteMetadata: {
      takes: { key: anything },
      answer(turn, key) {
        refuseOnline(turn, kind, "deleteMetadata");
        if (isMissing(turn, kind)) return;
        const metadata = metadataOf(turn, kind);
        if (ObjectKeys(metadata).length === 0 || !ObjectHasOwn(metadata, key)) return;
        delete metadata[key];
        keep(turn, kind, metadata);
      },
    },
    evictMetadata: {
      answer(turn) {
        refuseOnline(turn, kind, "evictMetadata");
        if (isMissing(turn, kind)) return;
        if (kind === "refresh_token" && ObjectKeys(metadataOf(turn, kind)).length === 0) return;
        turn.metadata.set(kind, {});
        keep(turn, kind, {});
      },
    },
  };
}

/**
 * @param {Turn} turn
 * @param {"session" | "refresh_token"} kind
 * @param {unknown} key
 * @param {unknown} value null to delete it
 */
function set(turn, kind, key, value) {
  refuseOnline(turn, kind, "setMetadata");
  if (isMissing(turn, kind)) throw new IntrinsicError("this transaction has no session");
  if (typeof key !== "string") throw new IntrinsicError("Invalid metadata: a key must be a string");
  const metadata = metadataOf(turn, kind);
  if (value === null) {
    if (!ObjectHasOwn(metadata, key)) return;
    delete metadata[key];
  } else {
    if (typeof value !== "string")
      throw new IntrinsicError("Invalid metadata: a value must be a string, or null to delete it");
    define(metadata, key, value);
    checkMetadata(metadata);
  }
  keep(turn, kind, metadata);
}

/** @param {Record<string, unknown>} metadata */
function checkMetadata(metadata) {
  const keys = ObjectKeys(metadata);
  if (keys.length > ENTRIES) throw new IntrinsicError(`Invalid metadata: there can be at most ${ENTRIES} entries`);
  for (let index = 0; index < keys.length; index++) {
    const key = /** @type {string} */ (keys[index]);
    if (RegExpExec(KEY, key) === null) {
      throw new IntrinsicError("Invalid metadata: a key has 1 to 255 letters, digits, underscores and hyphens");
    }
    const value = metadata[key];
    if (typeof value !== "string" || value.length > VALUE_LENGTH || StringIncludes(value, "\0")) {
      throw new IntrinsicError(`Invalid metadata: a value has at most ${VALUE_LENGTH} characters, none of them NUL`);
    }
  }
}

/**
 * Only a session can be: metadata can be there before its refresh token. One that the Action has put in its event is none.
 *
 * @param {Turn} turn
 * @param {"session" | "refresh_token"} kind
 */
function isMissing({ event, execution }, kind) {
  return kind === "session" && !(own(event, "session") && own(JSONParse(execution.event), "session"));
}

/**
 * @param {Turn} turn
 * @param {"session" | "refresh_token"} kind
 * @param {string} method
 */
function refuseOnline({ event }, kind, method) {
  if (kind === "refresh_token" && own(own(event, "refresh_token"), "access") === "online") {
    throw new IntrinsicError(`${method} cannot be called on an online refresh token`);
  }
}

/**
 * @param {string} name
 * @returns {Method}
 */
function setRefreshTokenEnd(name) {
  return { takes: { time }, answer: (turn) => refuseOnline(turn, "refresh_token", name) };
}

/** @type {Method} */
const setSessionEnd = {
  takes: { time },
  answer(turn) {
    if (!own(turn.event, "session")) turn.ignore("this transaction has no session");
  },
};

/**
 * @param {unknown} value
 * @param {string} name
 */
function reason(value, name) {
  return value === undefined ? "" : text(value, name);
}

/**
 * Auth0 checks these as a whole: a key that it does not know is an error.
 *
 * @param {unknown} value
 * @param {string} name
 */
function revocation(value, name) {
  if (value === undefined) return undefined;
  const given = object(value, name);
  const keys = ObjectKeys(given);
  for (let index = 0; index < keys.length; index++) {
    if (keys[index] !== PRESERVES) throw new IntrinsicError(`${name}.${keys[index]} is not an option`);
  }
  const preserves = own(given, PRESERVES);
  return preserves === undefined ? {} : { [PRESERVES]: boolean(preserves, `${name}.${PRESERVES}`) };
}

const PRESERVES = "preserveRefreshTokens";

/** @type {Record<string, Method>} */
const session = {
  setExpiresAt: setSessionEnd,
  setIdleExpiresAt: setSessionEnd,
  revoke: { takes: { reason, options: revocation }, stops: true },
  setCookieMode: {
    takes: { mode: oneOf(["persistent", "non-persistent"]) },
    answer(turn, mode) {
      const before = own(turn.event, "session");
      if (!isObject(before) || ObjectKeys(before).length === 0) {
        turn.ignore("this transaction has no session");
        return;
      }
      turn.execution.kept.cookieMode = mode;
      mirror(turn.event, "cookieMode", mode);
    },
  },
  ...metadataMethods("session", "session"),
};

/** @type {Record<string, Method>} */
const refreshToken = {
  setExpiresAt: setRefreshTokenEnd("setExpiresAt"),
  setIdleExpiresAt: setRefreshTokenEnd("setIdleExpiresAt"),
  revoke: { takes: { reason: (value, name) => (value === undefined ? "" : atMost(1024)(value, name)) }, stops: true },
  ...metadataMethods("refresh_token", "refresh token"),
};

/** @type {Record<string, Method>} */
const transaction = {
  setMetadata: {
    takes: { key: filled, value: anything },
    answer(turn, key, value) {
      const name = "api.transaction.setMetadata";
      if (key.length > TRANSACTION_KEY_LENGTH) {
        throw new IntrinsicError(`${name}: a key has at most ${TRANSACTION_KEY_LENGTH} characters`);
      }
      if (value !== null && typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
        throw new IntrinsicError(`${name}: value must be a string, number or boolean, or null to remove it`);
      }
      if (typeof value === "number" && (!NumberIsFinite(value) || MathAbs(value) > LARGEST)) {
        throw new IntrinsicError(`${name}: this number cannot be kept exactly; pass it as a string`);
      }
      const metadata = { ...metadataOf(turn, "transaction") };
      if (value === null) delete metadata[key];
      else define(metadata, key, value);
      if (bytes(value) > TRANSACTION_VALUE_BYTES) throw new IntrinsicError(`${name}: a value has at most 8 kB`);
      if (bytes(metadata) > TRANSACTION_BYTES) throw new IntrinsicError(`${name}: a transaction keeps at most 16 kB`);
      turn.metadata.set("transaction", metadata);
      keep(turn, "transaction", metadata);
    },
  },
  // Behind a feature flag at Auth0.
  addTargetScope: { notBuilt: true },
  removeTargetScope: { notBuilt: true },
  setTargetScopes: { notBuilt: true },
  clearTargetScopes: { notBuilt: true },
};

/** @param {unknown} value */
function bytes(value) {
  return BufferByteLength(JSONStringify(value));
}

exports.refreshToken = refreshToken;
exports.session = session;
exports.transaction = transaction;
