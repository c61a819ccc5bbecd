"use strict";

/**
 * What an Action must not do to the process that it shares with others. Node's permission model already refuses files,
 * child processes, worker threads and native code; this closes the gaps of that model. Where the kernel has system
 * call filters, confine.py has refused sockets of the machine, listening and changes of the user below all of this.
 */

const asyncHooks = require("node:async_hooks");
const fs = require("node:fs");
const Module = require("node:module");
const net = require("node:net");
const os = require("node:os");
const { dirname, resolve, sep } = require("node:path");
const { fileURLToPath } = require("node:url");
const v8 = require("node:v8");
// When it is loaded it replaces process.chdir(), which must be done before that is fixed.
require("node:worker_threads");

const {
  ArrayIsArray,
  ObjectHasOwn,
  ObjectKeys,
  ObjectPreventExtensions,
  ObjectPrototype,
  ReflectApply,
  ReflectOwnKeys,
  RegExpExec,
  ToString,
  StringStartsWith,
  IntrinsicURL,
  define,
  fix,
} = require("./primordials.js");

/** The folder of the worker's own modules, with a separator at its end. */
const HERE = dirname(__filename) + sep;

/** Of `process`: would end it, reach others, or change what all Actions of the worker share. */
const REFUSED = [
  "kill",
  "_kill",
  "_debugProcess",
  "_debugEnd",
  "_linkedBinding",
  "binding",
  "dlopen",
  "execve",
  "chdir",
  "initgroups",
  "openStdin",
  "setegid",
  "seteuid",
  "setgid",
  "setgroups",
  "setuid",
  "setSourceMapsEnabled",
  "setUncaughtExceptionCaptureCallback",
];

/**
 * @param {object} owner
 * @param {string} name
 * @param {string} described as an Action's author knows it
 * @param {() => void} [before] called first
 */
function refuse(owner, name, described, before) {
  fix(owner, name, () => {
    before?.();
    throw new Error(`${described} is not available to an Action`);
  });
}

/**
 * Close the process to Actions.
 *
 * @param {(described: string) => void} exited called when an Action tries to end the process
 */
function guardProcess(exited) {
  for (const name of ["exit", "reallyExit", "abort"]) {
    refuse(process, name, `process.${name}()`, () => exited(`process.${name}()`));
  }
  for (const name of REFUSED) if (name in process) refuse(process, name, `process.${name}()`);
  // Node calls it by this name for each uncaught error.
  const fatalException = Reflect.get(process, "_fatalException");
  fix(process, "_fatalException", fatalException);
  // They would hand an Action the sockets of this worker.
  for (const name of ["_getActiveHandles", "_getActiveRequests"]) fix(process, name, () => []);
  // So would what is running: the pipe of the requests.
  refuse(asyncHooks, "executionAsyncResource", "async_hooks.executionAsyncResource()");
  refuse(asyncHooks, "createHook", "async_hooks.createHook()");
  refuseSignals();
  refuse(os, "setPriority", "os.setPriority()");
  refuse(v8, "setFlagsFromString", "v8.setFlagsFromString()");
  refuse(v8, "setHeapSnapshotNearHeapLimit", "v8.setHeapSnapshotNearHeapLimit()");
  refuse(v8, "queryObjects", "v8.queryObjects()");
  // It has every text of the worker in it: the nonce of its answers, and other Actions' secrets.
  refuse(v8, "getHeapSnapshot", "v8.getHeapSnapshot()");
  const hooks = ObjectKeys(v8.promiseHooks);
  for (let index = 0; index < hooks.length; index++) {
    const name = /** @type {string} */ (hooks[index]);
    refuse(v8.promiseHooks, name, `v8.promiseHooks.${name}()`);
  }
  // Writes a file, permission or not.
  const tracing = process.getBuiltinModule("node:trace_events");
  if (tracing) refuse(tracing, "createTracing", "trace_events.createTracing()");
  refuseSockets();
  refusePaths();

  const { umask } = process;
  const mask = umask();
  fix(process, "umask", (/** @type {unknown[]} */ ...args) => {
    if (args.length > 0 && args[0] !== undefined)
      throw new Error("process.umask() with a mask is not available to an Action");
    return mask;
  });
  // It reveals this machine's addresses, libraries and limits, and writes files.
  fix(process, "report", undefined);
  fix(process, "title", "node");
  process.argv.length = 1;
  process.argv[0] = "node";
  process.execArgv.length = 0;
  // Auth0 runs in UTC; an Action sees an empty environment all the same.
  process.env.TZ = "UTC";
  fix(process, "env", {});
  // A setter there would take what Node and the worker assign to objects of their own: the callback of a timer, say.
  ObjectPreventExtensions(ObjectPrototype);
}

/** The signal that comes when the tenant is gone has to end this process, so an Action may handle no signal. */
function refuseSignals() {
  /** @type {import("node:events").EventEmitter} */
  const emitter = process;
  // Node begins to catch a signal when there is a new listener.
  for (const listener of emitter.listeners("newListener")) {
    if (listener.name === "startListeningIfSignal") emitter.off("newListener", /** @type {() => void} */ (listener));
  }
  emitter.on("newListener", (/** @type {unknown} */ event) => {
    if (typeof event === "string" && ObjectHasOwn(os.constants.signals, event)) {
      throw new Error(`A handler of ${event} is not available to an Action`);
    }
  });
}

/**
 * Sockets: an Action may connect to hosts. Local sockets of the machine (Docker's, say) are files out of the permission
 * model's reach, and what listens outlives the login.
 */
function refuseSockets() {
  for (const name of ["listen", "_listen2"]) refuse(net.Server.prototype, name, "listening");
  const dgram = process.getBuiltinModule("node:dgram");
  refuse(dgram.Socket.prototype, "bind", "binding a socket");
  const { connect } = net.Socket.prototype;
  fix(
    net.Socket.prototype,
    "connect",
    /**
     * @this {import("node:net").Socket}
     * @param {unknown[]} args
     */
    function connectToHost(...args) {
      // Node's own modules pass [options, callback] as one list that is normalised already, marked by a symbol.
      const listed = ArrayIsArray(args[0]);
      const from = listed ? /** @type {any} */ (args[0]) : args;
      const first = from[0];
      const text = "A connection to a local socket is not available to an Action";
      if (typeof first === "string" && RegExpExec(/^\d+$/, first) === null) throw new Error(text);
      if (typeof first !== "object" || first === null) return ReflectApply(connect, this, args);
      // Every option is read once: what a getter answers the second time does not count.
      /** @type {Record<string, unknown>} */
      const options = {};
      for (const key in first) define(options, key, first[key]);
      if (options.path !== undefined && options.path !== null) throw new Error(text);
      if (!listed) {
        define(args, 0, options);
        return ReflectApply(connect, this, args);
      }
      const list = [options, from[1]];
      const marks = ReflectOwnKeys(from);
      for (let index = 0; index < marks.length; index++) {
        const mark = /** @type {PropertyKey} */ (marks[index]);
        if (typeof mark === "symbol") define(list, mark, from[mark]);
      }
      return ReflectApply(connect, this, [list]);
    },
  );
}

/** Node resolves paths without asking whether the file may be read. */
function refusePaths() {
  const { permission } = process;
  const { has } = permission;
  /**
   * @param {(...args: any[]) => any} original
   * @param {(error: Error, args: unknown[]) => unknown} refused
   */
  const guarded = (original, refused) => {
    /** @param {any[]} args */
    const checked = (...args) => {
      const path = textOf(args[0]);
      if (path === undefined || !ReflectApply(has, permission, ["fs.read", path])) {
        const error = define(new Error("Access to this API has been restricted"), "code", "ERR_ACCESS_DENIED");
        return refused(error, args);
      }
      args[0] = path;
      return ReflectApply(original, fs, args);
    };
    return checked;
  };
  /** @type {(error: Error) => never} */
  const raise = (error) => {
    throw error;
  };
  /** @type {(error: Error, args: unknown[]) => void} */
  const call = (error, args) => {
    const callback = args[args.length - 1];
    if (typeof callback !== "function") throw error;
    process.nextTick(() => callback(error));
  };
  const { native: nativeSync } = fs.realpathSync;
  const { native } = fs.realpath;
  fix(fs, "realpathSync", Object.assign(guarded(fs.realpathSync, raise), { native: guarded(nativeSync, raise) }));
  fix(fs, "realpath", Object.assign(guarded(fs.realpath, call), { native: guarded(native, call) }));
  const { realpath } = fs.promises;
  fix(
    fs.promises,
    "realpath",
    guarded(realpath, (/** @type {Error} */ error) => Promise.reject(error)),
  );
}

/** @param {unknown} path as Node's fs takes it */
function textOf(path) {
  if (typeof path === "string") return resolve(path);
  if (path instanceof IntrinsicURL) return fileURLToPath(path);
  return path instanceof Uint8Array ? resolve(ToString(path)) : undefined;
}

/** Put the worker's own modules out of reach of `require`. */
function hideModules() {
  const cache = /** @type {any} */ (Module)._cache;
  for (const name of ObjectKeys(cache)) if (StringStartsWith(name, HERE)) delete cache[name];
  // What a package's require.main becomes, and where Node keeps the same.
  fix(process, "mainModule", undefined);
  fix(Module.prototype.require, "main", undefined);
}

exports.guardProcess = guardProcess;
exports.hideModules = hideModules;
