"use strict";

/**
 * The versions of Actions that this worker knows. A version's code is run once, when it is first needed, and what it
 * exports is kept: module-level state lives as long as the worker, as it does in an instance at Auth0.
 */

const { createRequire, isBuiltin } = require("node:module");
const { join } = require("node:path");
const { compileFunction } = require("node:vm");

const { ExecutionError } = require("./errors.js");
const {
  ObjectGetPrototypeOf,
  ReflectApply,
  RegExpExec,
  SafeMap,
  StringStartsWith,
  close,
  define,
} = require("./primordials.js");

const { console } = globalThis;
const { getBuiltinModule } = process;
const AsyncFunctionPrototype = ObjectGetPrototypeOf(async () => {});
/** What is no name of a package: a path, an address, a module of Actions. */
const NOT_A_PACKAGE = /^(?:[./\\]|[A-Za-z]:|file:|actions:)/;

/**
 * @typedef {object} Source
 * @property {string} name shown as the file's name in stack traces
 * @property {string} code
 * @property {Record<string, string>} secrets
 * @property {string | null} dependencies folder that holds node_modules
 *
 * @typedef {Source & { id: string, modules: Source[] }} VersionSource
 * @typedef {(event: object, api: object) => Promise<unknown>} Handler
 * @typedef {SafeMap<string, Code>} Modules
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
        this.#result = /** @type {any} */ ({ __proto__: null, exports: this.#run() });
      } catch (thrown) {
        this.#result = /** @type {any} */ ({ __proto__: null, thrown });
      }
    }
    const result = /** @type {{ exports: unknown } | { thrown: unknown }} */ (this.#result);
    if ("thrown" in result) throw result.thrown;
    return result.exports;
  }
}

class Version {
  #code;

  /** @param {VersionSource} source */
  constructor(source) {
    this.id = source.id;
    this.secrets = source.secrets;
    /** @type {Modules} */
    const modules = new SafeMap();
    for (let index = 0; index < source.modules.length; index++) {
      const module = /** @type {Source} */ (source.modules[index]);
      // A module sees its own secrets as actions.secrets, and no other module (documented).
      const actions = { secrets: { ...module.secrets } };
      modules.set(`actions:${module.name}`, new Code(() => execute(module, new SafeMap(), actions)));
    }
    this.#code = new Code(() => execute(source, modules));
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
    const handler = /** @type {Record<string, unknown>} */ (exported)[name];
    // Auth0's runner takes async functions only.
    if (typeof handler !== "function" || ObjectGetPrototypeOf(handler) !== AsyncFunctionPrototype) {
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
 * @param {Modules} modules
 * @param {object} [actions] a name that only the code of modules sees
 */
function execute(source, modules, actions) {
  const module = { exports: {} };
  const names = ["module", "exports", "require", "console"];
  const values = [module, module.exports, requireFor(source, modules), console];
  if (actions !== undefined) {
    define(names, names.length, "actions");
    define(values, values.length, actions);
  }
  const compiled = compileFunction(
    source.code,
    names,
    /** @type {any} */ ({ __proto__: null, filename: `${source.name}.js` }),
  );
  ReflectApply(compiled, undefined, values);
  return module.exports;
}

/**
 * `require` of an Action: Node's own modules, the packages that were installed for it, and its modules.
 *
 * @param {Source} source
 * @param {Modules} modules
 */
function requireFor(source, modules) {
  const fromFolder = source.dependencies === null ? undefined : createRequire(join(source.dependencies, "index.js"));
  /** @param {unknown} name */
  return function actionRequire(name) {
    if (typeof name !== "string" || name === "") throw new TypeError("require() takes the name of a module");
    const module = modules.get(name);
    if (module !== undefined) return module.load();
    if (isBuiltin(name)) return builtin(name);
    if (fromFolder === undefined || RegExpExec(NOT_A_PACKAGE, name) !== null) {
      const why = StringStartsWith(name, "actions:") ? "modules" : "dependencies";
      const error = new Error(`Cannot find module '${name}': it is not among the ${why} of ${source.name}`);
      throw define(error, "code", "MODULE_NOT_FOUND");
    }
    return fromFolder(name);
  };
}

/**
 * One of Node's own modules; `require` would look it up in what Actions can change.
 *
 * @param {string} name
 */
function builtin(name) {
  const module = getBuiltinModule(name);
  if (module === undefined) throw new Error(`The module '${name}' is not available to an Action`);
  return module;
}

close(Code);
close(Version);

exports.Version = Version;
