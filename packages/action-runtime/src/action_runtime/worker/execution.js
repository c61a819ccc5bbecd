"use strict";

/** One execution, and one Action's turn in it. */

const { performance } = require("node:perf_hooks");

const { Printed } = require("./console.js");
const { ExecutionError, describe } = require("./errors.js");
const { eventFor, jsonOf, noWrites } = require("./event.js");
const {
  JSONStringify,
  MathFloor,
  NumberToFixed,
  ReflectApply,
  SafeMap,
  SafeSet,
  StringIndexOf,
  StringSlice,
  close,
} = require("./primordials.js");

const { now } = performance;

/** Milliseconds; the origin does not matter. */
const clock = () => ReflectApply(now, performance, []);

/** Characters of recorded api calls after which an Action counts as asking without end. */
const RECORDED = 1_048_576;

/**
 * @typedef {object} ExecutionRequest
 * @property {number} execution
 * @property {string} trigger
 * @property {string[]} actions version ids, in the order of their bindings
 * @property {number} from number of the Action to begin with
 * @property {boolean} resumed whether that Action continues after a redirect
 * @property {boolean} visible whether later Actions see earlier writes
 * @property {number} now milliseconds since 1970 on the tenant's clock
 * @property {[import("./event.js").Container, string, number, string][]} writes of this transaction before this run
 * @property {Record<string, unknown>} changes to the user before this run
 * @property {import("./event.js").Kept} kept
 * @property {boolean} primaryUserSet
 */

/** What the Actions of one run of a flow share. */
class Execution {
  writes = noWrites();
  /** Scopes that were added. */
  scopes = new SafeSet();
  started = clock();
  /** @type {Turn | undefined} */
  running;

  /**
   * @param {ExecutionRequest} request
   * @param {string} event JSON, without secrets
   */
  constructor(request, event) {
    this.id = request.execution;
    this.trigger = request.trigger;
    this.actions = request.actions;
    this.visible = request.visible;
    this.event = event;
    this.changes = request.changes;
    this.kept = request.kept;
    this.primaryUserSet = request.primaryUserSet;
    this.began = request.now;
    for (let index = 0; index < request.writes.length; index++) {
      const write = /** @type {ExecutionRequest["writes"][number]} */ (request.writes[index]);
      this.writes[write[0]].set(write[1], { by: write[2], json: write[3] });
    }
  }

  /** Milliseconds since 1970 on the tenant's clock. */
  now() {
    return MathFloor(this.began + clock() - this.started);
  }
}

/** One Action's turn. */
class Turn {
  ended = false;
  /** Whether no later Action runs in this run: the login is denied, or waits for the user. */
  stops = false;
  /**
   * Metadata of the session, the refresh token and the transaction as this Action's calls have left it.
   *
   * @type {SafeMap<string, Record<string, unknown>>}
   */
  metadata = new SafeMap();
  #notBuilt;
  #started = clock();
  #calls = "";
  #reads = "";
  #ignored = "";
  #note = "";
  #finish;

  /**
   * @param {Execution} execution
   * @param {number} number in the flow, from 0
   * @param {object} settings
   * @param {import("./versions.js").Version} settings.version
   * @param {import("./api/api.js").Trigger} settings.trigger
   * @param {import("./primordials.js").SafeSet<string>} settings.notBuilt
   * @param {boolean} settings.resumed
   * @param {(turn: Turn, failed: boolean, record: string) => void} finish called once, when it is over
   */
  constructor(execution, number, { version, trigger, notBuilt, resumed }, finish) {
    this.execution = execution;
    this.number = number;
    this.version = version.id;
    this.resumed = resumed;
    this.#notBuilt = notBuilt;
    this.#finish = finish;
    this.printed = new Printed(() =>
      this.fail(new ExecutionError("output_limit", "The Action printed more than 1 MB")),
    );
    this.event = eventFor(execution.event, {
      trigger: execution.trigger,
      secrets: version.secrets,
      writes: execution.writes,
      changes: execution.changes,
      visible: execution.visible,
      kept: execution.kept,
      report: (container, key, by, seen, other) => {
        if (this.ended) return;
        const read = `[${JSONStringify(container)},${JSONStringify(key)},${by},${jsonOf(seen)},${jsonOf(other)}]`;
        this.#reads += this.#reads === "" ? read : `,${read}`;
      },
    });
    this.api = trigger.createApi(this);
  }

  /** @param {string} path GROUP.METHOD; whether the tenant cannot apply it */
  lacks(path) {
    return this.#notBuilt.has(path) || this.#notBuilt.has(StringSlice(path, 0, StringIndexOf(path, ".")));
  }

  /** @param {string} reason why the call that is being made has no effect, as at Auth0 */
  ignore(reason) {
    this.#ignored = reason;
  }

  /** @param {string} text what the Action's author should know of the call that is being made */
  note(text) {
    this.#note += this.#note === "" ? text : `; ${text}`;
  }

  /**
   * @param {string} method without "api."
   * @param {string} args JSON of each, with commas in between
   * @param {string} [error] message, if the call threw
   */
  record(method, args, error) {
    if (this.ended) return;
    let call = `[${JSONStringify(method)},[${args}]`;
    if (error !== undefined) call += `,"error",${JSONStringify(error)}`;
    else if (this.#ignored !== "") call += `,"ignored",${JSONStringify(this.#ignored)}`;
    else if (this.#note !== "") call += `,"note",${JSONStringify(this.#note)}`;
    this.#ignored = "";
    this.#note = "";
    if (this.#calls.length + call.length > RECORDED) {
      // A line without end would fail every login of this worker.
      const text = `The Action passed more than 1 MB to its api; the call of ${method} is left out`;
      this.fail(new ExecutionError("output_limit", text));
      return;
    }
    this.#calls += this.#calls === "" ? `${call}]` : `,${call}]`;
  }

  /** The Action came to its end. */
  succeed() {
    this.#end("null", false);
  }

  /**
   * @param {unknown} thrown
   * @param {import("./errors.js").Code} code
   */
  fail(thrown, code = "action_threw") {
    if (!this.ended) this.#end(describe(thrown, code), true);
  }

  /**
   * @param {string} error JSON
   * @param {boolean} failed
   */
  #end(error, failed) {
    if (this.ended) return;
    this.ended = true;
    const { printed, execution } = this;
    const start = NumberToFixed(this.#started - execution.started, 3);
    const duration = NumberToFixed(clock() - this.#started, 3);
    this.#finish(
      this,
      failed,
      `"start":${start},"duration":${duration},"console":[${printed.json}],"cut":${printed.cut},` +
        `"calls":[${this.#calls}],"reads":[${this.#reads}],"error":${error}`,
    );
  }
}

close(Execution);
close(Turn);

exports.Execution = Execution;
exports.Turn = Turn;
exports.clock = clock;
