/**
 * Runs Actions for the tests: one request a line on stdin, one answer a line on stdout, both JSON.
 *
 * Request: {file, handler, event}. Answer: {exports, calls, threw}; exports names what the module exports, calls lists
 * [name, arguments] of all that the Action called on api or console, threw is the error's text or null.
 */
const { createInterface } = require("node:readline");

/** @typedef {[name: string, args: unknown[]]} Call */
/** @typedef {{ file: string, handler: string, event: unknown }} Request */

/**
 * An object that has every method at every depth and records the calls: also those that Auth0 does not have.
 *
 * @param {Call[]} calls
 * @param {string} name
 * @returns {any}
 */
const recorder = (calls, name) =>
  new Proxy(() => {}, {
    get: (_target, key) => (typeof key === "symbol" ? undefined : recorder(calls, `${name}.${key}`)),
    apply: (_target, _this, args) => {
      calls.push([name, args]);
    },
  });

/**
 * What JSON has no word for travels as {"$number": "NaN"}.
 *
 * @param {string} _key
 * @param {unknown} value
 */
const reviveNumber = (_key, value) =>
  typeof value === "object" && value !== null && "$number" in value ? Number(value.$number) : value;

/** @param {Request} request */
const run = async ({ file, handler, event }) => {
  /** @type {Call[]} */
  const calls = [];
  globalThis.console = recorder(calls, "console");
  let exported = {};
  let threw = null;
  try {
    exported = require(file);
    await Reflect.get(exported, handler)(event, recorder(calls, "api"));
  } catch (error) {
    threw = String(error);
  }
  return { exports: Object.keys(exported), calls, threw };
};

const serve = async () => {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await run(JSON.parse(line, reviveNumber)))}\n`);
  }
};

serve();
