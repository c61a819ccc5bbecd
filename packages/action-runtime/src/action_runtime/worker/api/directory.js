"use strict";

/** api.groups and api.roles of post-login, for users who have none: the local tenant knows neither. */

const { IntrinsicError, IntrinsicTypeError, ArrayIsArray, NumberIsInteger, own } = require("../primordials.js");

/** @typedef {import("./api.js").Method} Method */
/** @typedef {import("./checks.js").Check} Check */

/** @type {Check} */
const page = (value, name) => {
  if (value === undefined) return undefined;
  if (value === null) throw new IntrinsicTypeError(`${name} must be an object, not null`);
  const from = own(value, "from");
  const take = own(value, "take");
  if (from !== undefined && typeof from !== "string") throw new IntrinsicError(`${name}.from must be a string`);
  if (take !== undefined && (!NumberIsInteger(take) || take <= 0)) {
    throw new IntrinsicError(`${name}.take must be a positive integer`);
  }
  return value;
};

/** @type {Check} */
const list = (value, name) => {
  if (!ArrayIsArray(value) || value.length === 0)
    throw new IntrinsicError(`${name} must be an array of at least one string`);
  return value;
};

/**
 * @param {Record<string, Check>} takes
 * @param {() => object} answer
 * @returns {Method}
 */
function lookUp(takes, answer) {
  return {
    takes,
    answer(turn) {
      turn.note("the local tenant has no groups and no roles: the answer is that of a user without any");
      return answer();
    },
    promises: true,
  };
}

/** @type {Record<string, Method>} */
const groups = {
  getUserGroups: lookUp({ params: page }, () => ({ groups: [] })),
  hasGroupMembership: lookUp({ groups: list }, () => ({ memberships: {} })),
};

/** @type {Record<string, Method>} */
const roles = {
  getUserEffectiveRoles: lookUp({ params: page }, () => ({ roles: [] })),
  getUserEffectiveRolesByIds: lookUp({ ids: list }, () => ({ roles: [] })),
  getUserEffectiveRolesByNames: lookUp({ names: list }, () => ({ roles: [] })),
};

exports.groups = groups;
exports.roles = roles;
