"use strict";

/**
 * The built-ins that the worker uses, taken before any Action is loaded (as Node's own primordials are). Actions share
 * the worker's realm and may change any built-in: what runs for one Action must not look anything up that another could
 * have changed. So the worker's modules
 *
 * - call methods through this module: `MapGet(map, key)` would be `map.get(key)`;
 * - neither iterate nor spread arrays (both look up Symbol.iterator), and use no regular expressions but by RegExpExec;
 * - define properties instead of assigning them where a prototype could have a setter;
 * - read optional members of foreign objects with `own`.
 *
 * tests/test_builtins.py watches every built-in while a login runs and fails if one is looked up.
 */

const { apply: ReflectApply } = Reflect;
const { bind, call } = Function.prototype;

/** @type {<T, A extends any[], R>(method: (this: T, ...args: A) => R) => (self: T, ...args: A) => R} */
const uncurryThis = /** @type {any} */ (bind.bind(call));

const {
  create: ObjectCreate,
  defineProperty: ObjectDefineProperty,
  freeze: ObjectFreeze,
  getOwnPropertyDescriptor: ObjectGetOwnPropertyDescriptor,
  getPrototypeOf: ObjectGetPrototypeOf,
  hasOwn: ObjectHasOwn,
  keys: ObjectKeys,
  setPrototypeOf: ObjectSetPrototypeOf,
  preventExtensions: ObjectPreventExtensions,
} = Object;

const { parse: JSONParse, stringify: JSONStringify } = JSON;

/**
 * Define an ordinary property, past any setter of a prototype.
 *
 * @template {object} T
 * @param {T} object
 * @param {PropertyKey} key
 * @param {unknown} value
 * @returns {T}
 */
function define(object, key, value) {
  return ObjectDefineProperty(
    object,
    key,
    /** @type {any} */ ({ __proto__: null, value, writable: true, enumerable: true, configurable: true }),
  );
}

/**
 * Define a property that stays as it is.
 *
 * @param {object} object
 * @param {PropertyKey} key
 * @param {unknown} value
 */
function fix(object, key, value) {
  ObjectDefineProperty(
    object,
    key,
    /** @type {any} */ ({ __proto__: null, value, writable: false, enumerable: true, configurable: false }),
  );
}

/**
 * An object's own member; what a prototype has of this name does not count.
 *
 * @param {unknown} object
 * @param {PropertyKey} key
 * @returns {any}
 */
function own(object, key) {
  return typeof object === "object" && object !== null && ObjectHasOwn(object, key)
    ? /** @type {any} */ (object)[key]
    : undefined;
}

/**
 * Give an object all that it inherits as its own, and no prototype: what becomes of its prototypes does not matter any more.
 *
 * @template {object} T
 * @param {T} object
 * @returns {T}
 */
function detach(object) {
  for (let from = ObjectGetPrototypeOf(object); from !== null; from = ObjectGetPrototypeOf(from)) {
    const keys = Reflect.ownKeys(from);
    for (let index = 0; index < keys.length; index++) {
      const key = /** @type {PropertyKey} */ (keys[index]);
      const descriptor = ObjectGetOwnPropertyDescriptor(from, key);
      if (descriptor !== undefined && !ObjectHasOwn(object, key)) ObjectDefineProperty(object, key, descriptor);
    }
  }
  return ObjectSetPrototypeOf(object, null);
}

/** @template K, V @extends {Map<K, V>} */
class SafeMap extends Map {}
/** @template T @extends {Set<T>} */
class SafeSet extends Set {}
/** @template {WeakKey} K @template V @extends {WeakMap<K, V>} */
class SafeWeakMap extends WeakMap {}
for (const safe of [SafeMap, SafeSet, SafeWeakMap]) {
  detach(safe.prototype);
  ObjectFreeze(safe.prototype);
  ObjectFreeze(safe);
}

/**
 * Close a class of the worker's own: an Action that gets hold of an instance cannot change the others.
 *
 * @param {Function} type
 */
function close(type) {
  ObjectFreeze(type);
  ObjectFreeze(type.prototype);
}

const bufferPrototype = /** @type {any} */ (Buffer.prototype);

/** @type {(buffer: import("node:buffer").Buffer | ArrayBufferView, start: number, end: number) => string} */
const BufferLatin1Slice = uncurryThis(bufferPrototype.latin1Slice);

/**
 * @param {keyof URL} name
 * @returns {(url: URL) => string}
 */
function getter(name) {
  return uncurryThis(/** @type {any} */ (ObjectGetOwnPropertyDescriptor(URL.prototype, name)).get);
}

exports.ArrayIsArray = Array.isArray;
exports.BufferByteLength = Buffer.byteLength;
exports.BufferFrom = Buffer.from;
exports.BufferLatin1Slice = BufferLatin1Slice;
exports.JSONParse = JSONParse;
exports.JSONStringify = JSONStringify;
exports.MathFloor = Math.floor;
exports.MathMin = Math.min;
exports.MathAbs = Math.abs;
exports.NumberIsFinite = Number.isFinite;
exports.NumberIsInteger = Number.isInteger;
exports.NumberIsSafeInteger = Number.isSafeInteger;
exports.NumberToFixed = uncurryThis(Number.prototype.toFixed);
exports.ObjectCreate = ObjectCreate;
exports.ObjectDefineProperty = ObjectDefineProperty;
exports.ObjectFreeze = ObjectFreeze;
exports.ObjectGetOwnPropertyDescriptor = ObjectGetOwnPropertyDescriptor;
exports.ObjectGetPrototypeOf = ObjectGetPrototypeOf;
exports.ObjectHasOwn = ObjectHasOwn;
exports.ObjectKeys = ObjectKeys;
exports.ObjectPreventExtensions = ObjectPreventExtensions;
exports.ObjectPrototype = Object.prototype;
exports.ObjectSetPrototypeOf = ObjectSetPrototypeOf;
/** @type {ErrorConstructor} */
exports.IntrinsicError = Error;
exports.IntrinsicPromise = Promise;
exports.IntrinsicProxy = Proxy;
exports.ReflectApply = ReflectApply;
exports.ReflectDefineProperty = Reflect.defineProperty;
exports.ReflectDeleteProperty = Reflect.deleteProperty;
exports.ReflectGet = Reflect.get;
exports.ReflectGetOwnPropertyDescriptor = Reflect.getOwnPropertyDescriptor;
exports.ReflectHas = Reflect.has;
exports.ReflectOwnKeys = Reflect.ownKeys;
exports.ReflectSet = Reflect.set;
exports.RegExpExec = uncurryThis(RegExp.prototype.exec);
exports.SafeMap = SafeMap;
exports.SafeSet = SafeSet;
exports.SafeWeakMap = SafeWeakMap;
exports.ToString = String;
exports.StringCharCodeAt = uncurryThis(String.prototype.charCodeAt);
exports.StringEndsWith = uncurryThis(String.prototype.endsWith);
exports.StringIncludes = uncurryThis(String.prototype.includes);
exports.StringIndexOf = uncurryThis(String.prototype.indexOf);
exports.StringSlice = uncurryThis(String.prototype.slice);
exports.StringStartsWith = uncurryThis(String.prototype.startsWith);
exports.StringTrim = uncurryThis(String.prototype.trim);
/** @type {TypeErrorConstructor} */
exports.IntrinsicTypeError = TypeError;
exports.IntrinsicURL = URL;
exports.URLCanParse = URL.canParse;
exports.URLHref = getter("href");
exports.URLProtocol = getter("protocol");
exports.IntrinsicUint8Array = globalThis.Uint8Array;
exports.close = close;
exports.define = define;
exports.detach = detach;
exports.fix = fix;
exports.own = own;
exports.uncurryThis = uncurryThis;
