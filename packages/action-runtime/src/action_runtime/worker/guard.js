"use strict";

/**
 * What an Action must not do to the process that it shares with others. Node's permission model already refuses files,
 * child processes, worker threads and native code; this closes what that model leaves open.
 */

const net = require("node:net");
const os = require("node:os");
const v8 = require("node:v8");

/**
 * @param {object} owner
 * @param {string} name
 * @param {string} described as an Action's author knows it
 * @param {() => void} [before] called first
 */
function refuse(owner, name, described, before) {
  Object.defineProperty(owner, name, {
    value: () => {
      before?.();
      throw new Error(`${described} is not available to an Action`);
    },
    enumerable: true,
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
  for (const name of ["kill", "_kill", "_debugProcess", "dlopen", "execve", "chdir", "setSourceMapsEnabled"]) {
    if (name in process) refuse(process, name, `process.${name}()`);
  }
  // They would hand an Action the sockets of this worker.
  for (const name of ["_getActiveHandles", "_getActiveRequests"]) {
    Object.defineProperty(process, name, { value: () => [], enumerable: true });
  }
  refuseSignals();
  refuse(os, "setPriority", "os.setPriority()");
  refuse(v8, "setFlagsFromString", "v8.setFlagsFromString()");
  refuse(v8, "setHeapSnapshotNearHeapLimit", "v8.setHeapSnapshotNearHeapLimit()");
  // Writes a file, permission or not.
  const tracing = process.getBuiltinModule("node:trace_events");
  if (tracing) refuse(tracing, "createTracing", "trace_events.createTracing()");
  // A path would make a socket file, and a port would outlive the login.
  refuse(net.Server.prototype, "listen", "listening");
  refuseLocalSockets();

  process.argv.length = 1;
  process.argv[0] = "node";
  process.execArgv.length = 0;
  // Auth0 runs in UTC; an Action sees an empty environment all the same.
  process.env.TZ = "UTC";
  Object.defineProperty(process, "env", { value: {}, enumerable: true });
}

/** The signal that comes when the tenant is gone has to end this process: nobody may handle it, nor any other. */
function refuseSignals() {
  /** @type {import("node:events").EventEmitter} */
  const emitter = process;
  // Node begins to catch a signal when it is told about a new listener.
  for (const listener of emitter.listeners("newListener")) {
    if (listener.name === "startListeningIfSignal") emitter.off("newListener", /** @type {() => void} */ (listener));
  }
  emitter.on("newListener", (/** @type {unknown} */ event) => {
    if (typeof event === "string" && Object.hasOwn(os.constants.signals, event)) {
      throw new Error(`A handler of ${event} is not available to an Action`);
    }
  });
}

/** Unix sockets of the machine (Docker's, say) are files outside the permission model's reach. */
function refuseLocalSockets() {
  const connect = net.Socket.prototype.connect;
  Object.defineProperty(net.Socket.prototype, "connect", {
    /**
     * @this {import("node:net").Socket}
     * @param {unknown[]} options
     */
    value: function connectToHost(...options) {
      // Node's own modules pass [options, callback] as one already normalised list.
      const first = Array.isArray(options[0]) ? options[0][0] : options[0];
      const path = typeof first === "object" && first !== null ? Reflect.get(first, "path") : first;
      if (typeof path === "string" && !/^\d+$/.test(path)) {
        throw new Error("A connection to a local socket is not available to an Action");
      }
      return Reflect.apply(connect, this, options);
    },
    writable: true,
    configurable: true,
  });
}

exports.guardProcess = guardProcess;
