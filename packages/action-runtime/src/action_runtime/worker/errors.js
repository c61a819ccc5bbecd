"use strict";

/** Errors of Actions, as they are told to the tenant. */

const { dirname, sep } = require("node:path");

const { stringify } = JSON;

/** Characters of a message and of a stack that are passed on. */
const MESSAGE_LENGTH = 4096;
const STACK_LENGTH = 4096;

const HERE = dirname(__filename) + sep;

/** Why an execution ends early; action_runtime/errors.py says what each means. */
/** @typedef {"action_threw" | "load_failed" | "process_exit" | "output_limit" | "time_limit"} Code */

class ExecutionError extends Error {
  /**
   * @param {Code} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * The text of whatever was thrown; an Action can throw anything, also something that throws when it is looked at.
 *
 * @param {unknown} thrown
 */
function messageOf(thrown) {
  try {
    if (thrown instanceof Error) return String(thrown.message);
    return thrown ? String(thrown) : "Unknown error";
  } catch {
    return "Unknown error";
  }
}

/**
 * Stack lines of the Action and its packages: where they lie on this machine, and this worker's own lines, are left out.
 *
 * @param {unknown} thrown
 */
function stackOf(thrown) {
  try {
    if (!(thrown instanceof Error) || typeof thrown.stack !== "string") return "";
    return thrown.stack
      .split("\n")
      .filter((line) => !line.includes(HERE) && !/\(?node:/.test(line))
      .map((line) => line.replace(/\/[^\s()]*\/node_modules\//, "node_modules/"))
      .join("\n")
      .slice(0, STACK_LENGTH);
  } catch {
    return "";
  }
}

/**
 * @param {unknown} thrown
 * @param {Code} code for what does not carry its own
 * @returns {string} JSON
 */
function describe(thrown, code) {
  const own = thrown instanceof ExecutionError;
  return stringify({
    __proto__: null,
    code: own ? thrown.code : code,
    message: messageOf(thrown).slice(0, MESSAGE_LENGTH),
    stack: own ? "" : stackOf(thrown),
  });
}

exports.ExecutionError = ExecutionError;
exports.describe = describe;
exports.messageOf = messageOf;
