"use strict";

/** Errors of Actions, as the tenant receives them. */

const { dirname, sep } = require("node:path");
const { isNativeError } = require("node:util/types");

const { JSONStringify, ToString, StringIncludes, StringIndexOf, StringSlice, close } = require("./primordials.js");

/** Characters of a message and of a stack that are passed on. */
const MESSAGE_LENGTH = 4096;
const STACK_LENGTH = 4096;

const HERE = dirname(__filename) + sep;
const PACKAGES = "/node_modules/";

/** Why an execution ends early; action_runtime/errors.py says what each means. */
/** @typedef {"action_threw" | "load_failed" | "process_exit" | "output_limit" | "time_limit"} Code */

class ExecutionError extends Error {
  /** @type {Code} */
  #code;

  /**
   * @param {Code} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.#code = code;
  }

  /**
   * The code of such an error; undefined for any other. Nothing else passes for one, whatever it has or inherits.
   *
   * @param {unknown} thrown
   * @returns {Code | undefined}
   */
  static codeOf(thrown) {
    return typeof thrown === "object" && thrown !== null && #code in thrown ? thrown.#code : undefined;
  }
}

/**
 * The text of anything that can be thrown, including what throws when it is looked at.
 *
 * @param {unknown} thrown
 */
function messageOf(thrown) {
  try {
    if (isNativeError(thrown)) return ToString(thrown.message);
    return thrown ? ToString(thrown) : "Unknown error";
  } catch {
    return "Unknown error";
  }
}

/**
 * Stack lines of the Action and its packages, without this worker's own lines and without folders of this machine.
 *
 * @param {unknown} thrown
 */
function stackOf(thrown) {
  try {
    if (!isNativeError(thrown) || typeof thrown.stack !== "string") return "";
    const stack = `${thrown.stack}\n`;
    let kept = "";
    for (let start = 0, end = StringIndexOf(stack, "\n"); end !== -1; end = StringIndexOf(stack, "\n", start)) {
      const line = StringSlice(stack, start, end);
      start = end + 1;
      if (StringIncludes(line, HERE) || StringIncludes(line, "(node:") || StringIncludes(line, "at node:")) continue;
      kept += kept === "" ? withoutFolder(line) : `\n${withoutFolder(line)}`;
      if (kept.length > STACK_LENGTH) break;
    }
    return StringSlice(kept, 0, STACK_LENGTH);
  } catch {
    return "";
  }
}

/** @param {string} line of a stack */
function withoutFolder(line) {
  const packages = StringIndexOf(line, PACKAGES);
  if (packages === -1) return line;
  let start = packages;
  while (start > 0 && line[start - 1] !== "(" && line[start - 1] !== " ") start--;
  return StringSlice(line, 0, start) + StringSlice(line, packages + 1);
}

/**
 * @param {unknown} thrown
 * @param {Code} code for what does not carry its own
 * @returns {string} JSON
 */
function describe(thrown, code) {
  const ownCode = ExecutionError.codeOf(thrown);
  const message = JSONStringify(StringSlice(messageOf(thrown), 0, MESSAGE_LENGTH));
  const stack = JSONStringify(ownCode === undefined ? stackOf(thrown) : "");
  return `{"code":"${ownCode ?? code}","message":${message},"stack":${stack}}`;
}

close(ExecutionError);

exports.ExecutionError = ExecutionError;
exports.describe = describe;
exports.messageOf = messageOf;
