"use strict";

/**
 * The versions of Actions that this worker knows. A version's code is run once, when it is first needed, and what it
 * exports is kept: module-level state lives as long as the worker, as it does in an instance at Auth0.
 */

const { createRequire, isBuiltin } = require("node:module");
const { join } = require("node:path");
const { compileFunction } = require("node:vm");

const { ExecutionError } = require("./errors.js");

/**
 * @typedef {object} Source
 * @property {string} name shown as the file's name in stack traces
 * @property {string} code
 * @property {Record<string, string>} secrets
 * @property {string | null} dependencies folder that holds node_modules
 *
 * @typedef {Source & { id: string, modules: Source[] }} VersionSource
 * @typedef {(event: object, api: object) => Promise<unknown>} Handler
 */

/** Code that is run when first used, once: its exports, or the error that it threw, are kept (as in Auth0's runner). */
class Code {
  #run;
  /** @type {{ exports: unknown } | { thrown: unknown } | undefined} */
  #result;

  /** @param {() => unknown} run */
  constructor(run) {
    this.#run = run;
  }

  load() {
    if (this.#result === undefined) {
      try {
        this.#result = { exports: this.#run() };
      } catch (thrown) {
        this.#result = { thrown };
      }
    }
    if ("thrown" in this.#result) throw this.#result.thrown;
    return this.#result.exports;
  }
}

class Version {
  #code;

  /** @param {VersionSource} source */
  constructor(source) {
    this.id = source.id;
    this.secrets = source.secrets;
    /** @type {Map<string, Code>} */
    const modules = new Map();
    for (const module of source.modules) {
      // A module sees its own secrets as actions.secrets, and no other module (documented).
      const actions = { secrets: { ...module.secrets } };
      modules.set(`actions:${module.name}`, new Code(() => execute(module, new Map(), { actions })));
    }
    this.#code = new Code(() => execute(source, modules, {}));
  }

  /**
   * The exported function with this name.
   *
   * @param {string} name
   * @returns {Handler}
   */
  handler(name) {
    const exported = this.#code.load();
    if (typeof exported !== "object" || exported === null) {
      throw new ExecutionError("load_failed", "The Action must export an object.");
    }
    const handler = Reflect.get(exported, name);
    // Auth0's runner takes async functions only.
    if (typeof handler !== "function" || handler.constructor?.name !== "AsyncFunction") {
      const signature = `exports.${name} = async function(event, api) { }`;
      throw new ExecutionError(
        "load_failed",
        `The Action has no handler ${name}. Use "${signature}" as the signature.`,
      );
    }
    return /** @type {Handler} */ (handler);
  }
}

/**
 * Run CommonJS code.
 *
 * @param {Source} source
 * @param {Map<string, Code>} modules
 * @param {Record<string, unknown>} globals names that only this code sees
 */
function execute(source, modules, globals) {
  const module = { exports: {} };
  const scope = { module, exports: module.exports, require: requireFor(source, modules), console, ...globals };
  const filename = `${source.name}.js`;
  compileFunction(source.code, Object.keys(scope), { filename })(...Object.values(scope));
  return module.exports;
}

/**
 * `require` of an Action: Node's own modules, the packages that were installed for it, and its modules.
 *
 * @param {Source} source
 * @param {Map<string, Code>} modules
 */
function requireFor(source, modules) {
  const fromFolder = createRequire(source.dependencies === null ? __filename : join(source.dependencies, "index.js"));
  /** @param {unknown} name */
  return function actionRequire(name) {
    if (typeof name !== "string" || name === "") throw new TypeError("require() takes the name of a module");
    const module = modules.get(name);
    if (module !== undefined) return module.load();
    if (isBuiltin(name)) return require(name);
    if (source.dependencies === null || /^(?:[./\\]|[A-Za-z]:|file:|actions:)/.test(name)) {
      const why = name.startsWith("actions:") ? "modules" : "dependencies";
      const error = new Error(`Cannot find module '${name}': it is not among the ${why} of ${source.name}`);
      throw Object.assign(error, { code: "MODULE_NOT_FOUND" });
    }
    return fromFolder(name);
  };
}

exports.Version = Version;
