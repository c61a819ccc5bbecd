"use strict";

/**
 * The worker: loads versions of Actions and runs flows of them, several in turns, until the tenant closes its end.
 * Started by action_runtime/worker_process.py, which also says what the lines in both directions hold.
 */

const { AsyncLocalStorage } = require("node:async_hooks");

const { postLogin } = require("./api/post_login.js");
const { preUserRegistration } = require("./api/pre_user_registration.js");
const { Channel } = require("./channel.js");
const { captureOutput } = require("./console.js");
const { ExecutionError } = require("./errors.js");
const { cloneWatchedObjects } = require("./event.js");
const { Turn, Execution } = require("./execution.js");
const { guardProcess } = require("./guard.js");
const { Version } = require("./versions.js");

/** @typedef {import("./execution.js").ExecutionRequest} ExecutionRequest */
/**
 * @typedef {{ type: "start", nonce: string, notBuilt: string[] }
 *   | { type: "load", version: import("./versions.js").VersionSource }
 *   | { type: "run" } & ExecutionRequest
 *   | { type: "cancel", execution: number, message: string }
 *   | { type: "ping", ping: number }} Request
 */

const { parse, stringify } = JSON;
const soon = setImmediate;

/** @type {Record<string, import("./api/api.js").Trigger>} */
const TRIGGERS = { "post-login": postLogin, "pre-user-registration": preUserRegistration };

const [requests, answers, claims] = process.argv.slice(2, 5).map(Number);
const channel = new Channel({ requests: requests ?? -1, answers: answers ?? -1, claims: claims ?? -1 });
/** @type {AsyncLocalStorage<Turn>} */
const current = new AsyncLocalStorage();
/** @type {Map<string, Version>} */
const versions = new Map();
/** @type {Map<number, Execution>} */
const executions = new Map();
/** @type {ReadonlySet<string>} */
let notBuilt = new Set();
/** @type {ExecutionRequest | undefined} an execution whose event is the next line */
let announced;

/** @param {string} line */
function receive(line) {
  if (announced !== undefined) {
    const request = announced;
    announced = undefined;
    if (channel.claim(request.execution)) begin(request, line);
    return;
  }
  /** @type {Request} */
  const request = parse(line);
  switch (request.type) {
    case "start":
      channel.authenticate(request.nonce);
      notBuilt = new Set(request.notBuilt);
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
  const trigger = TRIGGERS[execution.trigger];
  const version = versions.get(execution.actions[number] ?? "");
  if (trigger === undefined || version === undefined) throw new Error("The tenant asked for what it has not loaded");
  const turn = new Turn(execution, number, { version, trigger, notBuilt, resumed }, finish);
  execution.running = turn;
  current.run(turn, run, turn, version, (resumed && trigger.resume) || trigger.execute);
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
    await handler(turn.event, turn.api);
  } catch (thrown) {
    turn.fail(thrown);
    return;
  }
  // A promise that the Action did not wait for and that is already rejected is told before this: the login fails.
  soon(() => turn.succeed());
}

/**
 * @param {Turn} turn
 * @param {boolean} failed
 * @param {string} record
 */
function finish(turn, failed, record) {
  const { execution, number } = turn;
  const next = number + 1;
  const over = failed || turn.stops || next === execution.actions.length;
  const metadata = over ? `,"transactionMetadata":${stringify(execution.transactionMetadata)}` : "";
  channel.send(`{"type":"action","execution":${execution.id},"number":${number},"over":${over}${metadata},${record}}`);
  if (over) executions.delete(execution.id);
  else startTurn(execution, next, false);
}

/**
 * An error that no handler's promise brings. Where it cannot be told whose it is, no login that is under way passes.
 *
 * @param {unknown} thrown
 */
function uncaught(thrown) {
  const turn = current.getStore();
  if (turn?.ended) {
    channel.answer({ type: "late", version: turn.execution.actions[turn.number] });
    return;
  }
  if (turn !== undefined) {
    turn.fail(thrown);
    return;
  }
  for (const execution of [...executions.values()]) execution.running?.fail(thrown);
}

/** Errors of microtasks come without the Action that they belong to. */
function attributeMicrotasks() {
  const queue = globalThis.queueMicrotask;
  globalThis.queueMicrotask = (task) => {
    const turn = current.getStore();
    queue(() => {
      try {
        task();
      } catch (thrown) {
        current.run(/** @type {any} */ (turn), uncaught, thrown);
      }
    });
  };
}

guardProcess((described) => {
  const message = `The Action called ${described}`;
  current.getStore()?.fail(new ExecutionError("process_exit", message));
});
captureOutput(() => {
  const turn = current.getStore();
  return turn === undefined || turn.ended ? undefined : turn.printed;
});
cloneWatchedObjects();
attributeMicrotasks();
process.on("uncaughtException", uncaught);
process.on("unhandledRejection", uncaught);
channel.listen((line) => {
  try {
    receive(line);
  } catch {
    // An Action has read from a descriptor that is not its own: what comes next cannot be told apart any more.
    channel.close();
  }
});
