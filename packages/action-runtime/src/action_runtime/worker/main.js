"use strict";

/**
 * The worker: loads versions of Actions and runs flows of them, several in turns, until the tenant closes its end.
 * Started by action_runtime/worker_process.py, which also says what the lines in both directions hold.
 */

const { AsyncLocalStorage } = require("node:async_hooks");
const { isPromise } = require("node:util/types");

const { postLogin } = require("./api/post_login.js");
const { preUserRegistration } = require("./api/pre_user_registration.js");
const { Channel } = require("./channel.js");
const { captureOutput } = require("./console.js");
const { ExecutionError } = require("./errors.js");
const { cloneWatchedObjects } = require("./event.js");
const { Turn, Execution } = require("./execution.js");
const { guardProcess, hideModules } = require("./guard.js");
const {
  JSONParse,
  JSONStringify,
  ObjectFreeze,
  ObjectHasOwn,
  IntrinsicPromise,
  SafeMap,
  SafeSet,
  SafeWeakMap,
  define,
  detach,
} = require("./primordials.js");
const { Version } = require("./versions.js");

/** @typedef {import("./execution.js").ExecutionRequest} ExecutionRequest */
/**
 * @typedef {{ type: "start", nonce: string, notBuilt: string[] }
 *   | { type: "load", version: import("./versions.js").VersionSource }
 *   | { type: "run" } & ExecutionRequest
 *   | { type: "cancel", execution: number, message: string }
 *   | { type: "ping", ping: number }} Request
 */

const soon = setImmediate;

/** @type {Record<string, import("./api/api.js").Trigger>} */
const TRIGGERS = { "post-login": postLogin, "pre-user-registration": preUserRegistration };

const numbers = process.argv.slice(2, 6).map(Number);
const channel = new Channel({
  requests: numbers[0] ?? -1,
  answers: numbers[1] ?? -1,
  claims: numbers[2] ?? -1,
  readSize: numbers[3] ?? -1,
});

/**
 * Whose code runs. What is stored can be read from any promise, so it is a token that leads to the turn only here.
 *
 * @type {AsyncLocalStorage<object>}
 */
const storage = detach(new AsyncLocalStorage());
/** @type {SafeWeakMap<object, Turn>} */
const turns = new SafeWeakMap();
/** @type {SafeMap<string, Version>} */
const versions = new SafeMap();
/** @type {SafeMap<number, Execution>} */
const executions = new SafeMap();
/** @type {SafeSet<string>} */
const notBuilt = new SafeSet();
/** @type {ExecutionRequest | undefined} an execution whose event is the next line */
let announced;

/** @returns {Turn | undefined} */
function current() {
  const token = storage.getStore();
  return token === undefined ? undefined : turns.get(token);
}

/** @param {string} line */
function receive(line) {
  if (announced !== undefined) {
    const request = announced;
    announced = undefined;
    if (channel.claim(request.execution)) begin(request, line);
    else channel.answer({ type: "unclaimed", execution: request.execution });
    return;
  }
  /** @type {Request} */
  const request = JSONParse(line);
  switch (request.type) {
    case "start":
      channel.authenticate(request.nonce);
      for (let index = 0; index < request.notBuilt.length; index++) notBuilt.add(request.notBuilt[index] ?? "");
      channel.answer({ type: "ready", node: process.version });
      break;
    case "load":
      versions.set(request.version.id, new Version(request.version));
      break;
    case "run":
      announced = request;
      break;
    case "cancel":
      executions.get(request.execution)?.running?.fail(new ExecutionError("time_limit", request.message));
      break;
    case "ping":
      channel.answer({ type: "pong", ping: request.ping });
      break;
  }
}

/**
 * @param {ExecutionRequest} request
 * @param {string} event
 */
function begin(request, event) {
  const execution = new Execution(request, event);
  executions.set(execution.id, execution);
  startTurn(execution, request.from, request.resumed);
}

/**
 * Let one Action of an execution have its turn.
 *
 * @param {Execution} execution
 * @param {number} number
 * @param {boolean} resumed
 */
function startTurn(execution, number, resumed) {
  const trigger = ObjectHasOwn(TRIGGERS, execution.trigger) ? TRIGGERS[execution.trigger] : undefined;
  const version = versions.get(execution.actions[number] ?? "");
  if (trigger === undefined || version === undefined) throw new Error("The tenant asked for what it has not loaded");
  const turn = new Turn(execution, number, { version, trigger, notBuilt, resumed }, finish);
  execution.running = turn;
  const token = ObjectFreeze({ __proto__: null });
  turns.set(token, turn);
  storage.run(token, () => run(turn, version, (resumed && trigger.resume) || trigger.execute));
}

/**
 * @param {Turn} turn
 * @param {Version} version
 * @param {string} name of the handler
 */
async function run(turn, version, name) {
  let handler;
  try {
    handler = version.handler(name);
  } catch (thrown) {
    turn.fail(thrown, "load_failed");
    return;
  }
  try {
    const promise = handler(turn.event, turn.api);
    // `await` looks the constructor up, and where that has been changed, `then` as well.
    if (isPromise(promise)) define(promise, "constructor", IntrinsicPromise);
    await promise;
  } catch (thrown) {
    turn.fail(thrown);
    return;
  }
  // The rejection of a promise that the Action did not wait for comes before this: the login fails.
  soon(() => turn.succeed());
}

/**
 * @param {Turn} turn
 * @param {boolean} failed
 * @param {string} result JSON of the members of an answer
 */
function finish(turn, failed, result) {
  const { execution, number } = turn;
  const next = number + 1;
  const over = failed || turn.stops || next === execution.actions.length;
  const kept = over ? `,"kept":${JSONStringify(execution.kept)}` : "";
  channel.send(`{"type":"action","execution":${execution.id},"number":${number},"over":${over}${kept},${result}}`);
  if (over) executions.delete(execution.id);
  else startTurn(execution, next, false);
}

/**
 * An error outside of a handler's promise. If it cannot be attributed, every login under way fails.
 *
 * @param {unknown} thrown
 */
function uncaught(thrown) {
  const turn = current();
  if (turn?.ended) {
    channel.answer({ type: "late", version: turn.version });
    return;
  }
  if (turn !== undefined) {
    turn.fail(thrown);
    return;
  }
  executions.forEach(({ running }) => {
    running?.fail(thrown);
  });
}

/** Errors of microtasks come without the Action that they belong to. */
function attributeMicrotasks() {
  const queue = globalThis.queueMicrotask;
  globalThis.queueMicrotask = (task) => {
    const token = storage.getStore();
    queue(() => {
      try {
        task();
      } catch (thrown) {
        storage.run(/** @type {object} */ (token), () => uncaught(thrown));
      }
    });
  };
}

// Before the guard takes it away. Unlike a listener it cannot be removed, and rejections lead here too (node.py).
process.setUncaughtExceptionCaptureCallback(uncaught);
channel.listen((line) => {
  try {
    receive(line);
  } catch {
    // An Action has read from the worker's descriptor: lines can no longer be told apart.
    channel.close();
  }
});
guardProcess((described) => {
  current()?.fail(new ExecutionError("process_exit", `The Action called ${described}`));
});
captureOutput(() => {
  const turn = current();
  return turn === undefined || turn.ended ? undefined : turn.printed;
});
cloneWatchedObjects();
attributeMicrotasks();
hideModules();
