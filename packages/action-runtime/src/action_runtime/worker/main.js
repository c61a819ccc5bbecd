"use strict";

/**
 * The worker: loads versions of Actions and runs flows of them, several in turns, until the tenant closes its end.
 * Started by local_tenant/runtime/worker_process.py, which also says what the lines in both directions hold.
 */

const { AsyncLocalStorage } = require("node:async_hooks");

const { postLogin } = require("./api/post_login.js");
const { preUserRegistration } = require("./api/pre_user_registration.js");
const { Channel } = require("./channel.js");
const { captureOutput } = require("./console.js");
const { RunError } = require("./errors.js");
const { cloneWatchedObjects } = require("./event.js");
const { Execution, Flow } = require("./execution.js");
const { guardProcess } = require("./guard.js");
const { Version } = require("./versions.js");

/** @typedef {import("./execution.js").FlowRequest} FlowRequest */
/**
 * @typedef {{ type: "start", nonce: string, notBuilt: string[] }
 *   | { type: "load", version: import("./versions.js").VersionSource }
 *   | { type: "run" } & FlowRequest
 *   | { type: "cancel", flow: number, message: string }
 *   | { type: "ping", ping: number }} Request
 */

const { parse, stringify } = JSON;
const soon = setImmediate;

/** @type {Record<string, import("./api/api.js").Trigger>} */
const TRIGGERS = { "post-login": postLogin, "pre-user-registration": preUserRegistration };

const [requests, answers, claims] = process.argv.slice(2, 5).map(Number);
const channel = new Channel({ requests: requests ?? -1, answers: answers ?? -1, claims: claims ?? -1 });
/** @type {AsyncLocalStorage<Execution>} */
const current = new AsyncLocalStorage();
/** @type {Map<string, Version>} */
const versions = new Map();
/** @type {Map<number, Flow>} */
const flows = new Map();
/** @type {ReadonlySet<string>} */
let notBuilt = new Set();
/** @type {FlowRequest | undefined} a flow whose event is the next line */
let announced;

/** @param {string} line */
function receive(line) {
  if (announced !== undefined) {
    const request = announced;
    announced = undefined;
    if (channel.claim(request.flow)) begin(request, line);
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
      flows.get(request.flow)?.running?.fail(new RunError("time_limit", request.message));
      break;
    case "ping":
      channel.answer({ type: "pong", ping: request.ping });
      break;
  }
}

/**
 * @param {FlowRequest} request
 * @param {string} event
 */
function begin(request, event) {
  const flow = new Flow(request, event);
  flows.set(flow.id, flow);
  turn(flow, request.from, request.resumed);
}

/**
 * Let one Action of a flow have its turn.
 *
 * @param {Flow} flow
 * @param {number} number
 * @param {boolean} resumed
 */
function turn(flow, number, resumed) {
  const trigger = TRIGGERS[flow.trigger];
  const version = versions.get(flow.actions[number] ?? "");
  if (trigger === undefined || version === undefined) throw new Error("The tenant asked for what it has not loaded");
  const execution = new Execution(flow, number, { version, trigger, notBuilt, resumed }, finish);
  flow.running = execution;
  current.run(execution, run, execution, version, (resumed && trigger.resume) || trigger.execute);
}

/**
 * @param {Execution} execution
 * @param {Version} version
 * @param {string} name of the handler
 */
async function run(execution, version, name) {
  let handler;
  try {
    handler = version.handler(name);
  } catch (thrown) {
    execution.fail(thrown, "load_failed");
    return;
  }
  try {
    await handler(execution.event, execution.api);
  } catch (thrown) {
    execution.fail(thrown);
    return;
  }
  // A promise that the Action did not wait for and that is already rejected is told before this: the login fails.
  soon(() => execution.succeed());
}

/**
 * @param {Execution} execution
 * @param {boolean} failed
 * @param {string} record
 */
function finish(execution, failed, record) {
  const { flow, number } = execution;
  const next = number + 1;
  const over = failed || execution.stops || next === flow.actions.length;
  const metadata = over ? `,"transactionMetadata":${stringify(flow.transactionMetadata)}` : "";
  channel.send(`{"type":"action","flow":${flow.id},"number":${number},"over":${over}${metadata},${record}}`);
  if (over) flows.delete(flow.id);
  else turn(flow, next, false);
}

/**
 * An error that no handler's promise brings. Where it cannot be told whose it is, no login that is under way passes.
 *
 * @param {unknown} thrown
 */
function uncaught(thrown) {
  const execution = current.getStore();
  if (execution?.ended) {
    channel.answer({ type: "late", version: execution.flow.actions[execution.number] });
    return;
  }
  if (execution !== undefined) {
    execution.fail(thrown);
    return;
  }
  for (const flow of [...flows.values()]) flow.running?.fail(thrown);
}

/** Errors of microtasks come without the Action that they belong to. */
function attributeMicrotasks() {
  const queue = globalThis.queueMicrotask;
  globalThis.queueMicrotask = (task) => {
    const execution = current.getStore();
    queue(() => {
      try {
        task();
      } catch (thrown) {
        current.run(/** @type {any} */ (execution), uncaught, thrown);
      }
    });
  };
}

guardProcess((described) => {
  const message = `The Action called ${described}`;
  current.getStore()?.fail(new RunError("process_exit", message));
});
captureOutput(() => {
  const execution = current.getStore();
  return execution === undefined || execution.ended ? undefined : execution.printed;
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
