"use strict";

/** What Actions print, kept with the Action that printed it, also while several executions run in turns. */

const { Console } = require("node:console");
const { Writable } = require("node:stream");

const {
  JSONStringify,
  ObjectKeys,
  ReflectApply,
  ToString,
  StringEndsWith,
  StringSlice,
  close,
  detach,
  define,
  fix,
} = require("./primordials.js");

/** Characters kept for an Action's trace. Auth0 keeps 256 with its logs. */
const KEPT = 16_384;
/** Characters after which the output of one Action counts as output without end. */
const ENDLESS = 1_048_576;

/** The console of one Action in one execution. */
class Printed {
  /** JSON of the lines, `["level","text"],…` */
  json = "";
  cut = false;
  level = "log";
  #length = 0;
  #overflow;
  /** @type {Console | undefined} */
  #console;

  /** @param {() => void} overflow called when the output has no end */
  constructor(overflow) {
    this.#overflow = overflow;
  }

  /** Made when first used: most Actions print nothing. */
  get console() {
    this.#console ??= detach(new Console({ stdout: new Sink(this), ignoreErrors: false, colorMode: false }));
    return this.#console;
  }

  /** @param {string} text as printed, with its line end */
  write(text) {
    const room = KEPT - this.#length;
    this.#length += text.length;
    if (text.length > room) this.cut = true;
    if (room > 0) {
      const kept = StringSlice(text, 0, room);
      const line = StringEndsWith(kept, "\n") ? StringSlice(kept, 0, -1) : kept;
      this.json += `${this.json === "" ? "" : ","}["${this.level}",${JSONStringify(line)}]`;
    }
    if (this.#length > ENDLESS) this.#overflow();
  }
}

class Sink extends Writable {
  #printed;

  /** @param {Printed} printed */
  constructor(printed) {
    super({ decodeStrings: false });
    this.#printed = printed;
  }

  /**
   * Node's console needs no more of a stream than this.
   *
   * @override
   * @param {unknown} chunk
   */
  write(chunk) {
    this.#printed.write(ToString(chunk));
    return true;
  }
}

/**
 * Let the global console and the process's output streams write to the Action that is running.
 *
 * @param {() => Printed | undefined} current undefined: output of no Action, which is dropped
 */
function captureOutput(current) {
  const names = ObjectKeys(console);
  for (let index = 0; index < names.length; index++) {
    const name = /** @type {string} */ (names[index]);
    const method = Reflect.get(console, name);
    if (typeof method !== "function" || name === "Console") continue;
    define(console, name, (/** @type {unknown[]} */ ...values) => {
      const printed = current();
      if (printed === undefined) return undefined;
      printed.level = name;
      const own = printed.console;
      return ReflectApply(/** @type {any} */ (own)[name], own, values);
    });
  }
  for (const name of ["stdout", "stderr"]) {
    const stream = new Writable({
      decodeStrings: false,
      write(chunk, _encoding, done) {
        const printed = current();
        if (printed !== undefined) {
          printed.level = name;
          printed.write(ToString(chunk));
        }
        done();
      },
    });
    fix(process, name, stream);
  }
}

close(Printed);

exports.Printed = Printed;
exports.captureOutput = captureOutput;
