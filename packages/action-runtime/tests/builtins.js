"use strict";

/**
 * An Action that watches every built-in of its worker: all that can be reached from the global object and from Node's
 * modules. `globalThis.watched()` ends it and returns what was looked up in between.
 */

const { getPrototypeOf, setPrototypeOf, getOwnPropertyDescriptor, defineProperty, prototype: ObjectPrototype } = Object;
const { apply, get, ownKeys } = Reflect;
const { hasOwn } = Object;
const text = String;
const SafeSet = Set;
const { add, has } = SafeSet.prototype;

let recording = false;
const lookups = [];
const names = Object.create(null);
let count = 0;

/** @param {string} path */
function note(path) {
  if (!recording) return;
  recording = false;
  if (!(path in names)) {
    names[path] = true;
    defineProperty(lookups, lookups.length, { __proto__: null, value: path, enumerable: true, configurable: true });
  }
  recording = true;
}

const visited = new SafeSet();
/** What has been found; watched only when all of it is known. */
const places = [];

/** @param {unknown} value @param {string} path @param {number} depth */
function visit(value, path, depth) {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return;
  if (apply(has, visited, [value]) || depth > 7) return;
  apply(add, visited, [value]);
  visit(getPrototypeOf(value), `${path}.__proto__`, depth + 1);
  for (const key of ownKeys(value)) {
    const descriptor = getOwnPropertyDescriptor(value, key);
    const name = `${path}.${String(key)}`;
    places.push([value, key, name, descriptor]);
    if ("value" in descriptor) visit(descriptor.value, name, depth + 1);
    else {
      visit(descriptor.get, name, depth + 1);
      visit(descriptor.set, name, depth + 1);
    }
  }
}

function watch([owner, key, path, descriptor]) {
  if (!descriptor.configurable) return;
  let { value, get, set } = descriptor;
  count += 1;
  defineProperty(owner, key, {
    __proto__: null,
    configurable: true,
    enumerable: descriptor.enumerable,
    get() {
      note(path);
      return get === undefined ? value : apply(get, this, []);
    },
    set(changed) {
      note(`${path} =`);
      if (set !== undefined) apply(set, this, [changed]);
      else if (this === owner) value = changed;
      else
        defineProperty(this, key, {
          __proto__: null,
          value: changed,
          writable: true,
          enumerable: true,
          configurable: true,
        });
    },
  });
}

/** @param {number} milliseconds */
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What a prototype has not is looked up in Object.prototype, which cannot be extended; the proxy sees it first. */
function watchAbsent(prototype, path) {
  setPrototypeOf(
    prototype,
    new Proxy(ObjectPrototype, {
      __proto__: null,
      get(target, key, receiver) {
        if (!hasOwn(ObjectPrototype, key)) note(`${path}[${text(key)}]`);
        return get(target, key, receiver);
      },
      has(target, key) {
        note(`${text(key)} in ${path}`);
        return hasOwn(target, key);
      },
      set(_target, key, value, receiver) {
        note(`${path}[${text(key)}] =`);
        return defineProperty(receiver, key, {
          __proto__: null,
          value,
          writable: true,
          enumerable: true,
          configurable: true,
        });
      },
    }),
  );
}

exports.onExecutePostLogin = async () => {
  const iterators = [
    [][Symbol.iterator](),
    new Map().entries(),
    new Set().values(),
    ""[Symbol.iterator](),
    "".matchAll(/x/g),
  ];
  const functions = [async () => {}, function* () {}, async function* () {}];
  const { builtinModules } = require("node:module");
  visit(globalThis, "globalThis", 0);
  for (const value of iterators) visit(value, "iterator", 0);
  for (const value of functions) visit(value, "function", 0);
  for (const name of builtinModules) {
    if (!/^_|wasi|sqlite|repl|inspector|punycode|^sys$|domain/.test(name)) visit(require(name), name, 0);
  }
  for (const place of places) watch(place);
  watchAbsent(Array.prototype, "Array.prototype");
  watchAbsent(Function.prototype, "Function.prototype");
  globalThis.watched = () => {
    recording = false;
    return { count, lookups };
  };
  // Some modules load their parts only now. The last is fetch's parser, in WebAssembly, which may take its time.
  recording = true;
  for (let wait = 0; wait < 200 && !("globalThis.WebAssembly.instantiate" in names); wait++) await pause(20);
  await pause(50);
  recording = false;
  for (const path in names) delete names[path];
  lookups.length = 0;
  recording = true;
};
