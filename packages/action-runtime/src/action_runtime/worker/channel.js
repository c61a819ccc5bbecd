"use strict";

/**
 * The worker's three descriptors to the tenant, none of which is stdout: requests come in as lines of JSON, answers go
 * out as lines of JSON behind a nonce, and claims decide which of two workers runs an execution.
 *
 * The functions that carry answers are taken from their modules before any Action is loaded, and an Action never sees
 * the nonce: what it writes, to whatever descriptor, is not an answer.
 */

const { readSync, writeSync } = require("node:fs");
const { Socket } = require("node:net");

const { stringify } = JSON;
const exit = Reflect.get(process, "reallyExit").bind(process);

/** Nobody is there to answer any more; an exit code that no Action can choose. */
const TENANT_GONE = 70;
/** What the tenant said cannot be understood. */
const MISUNDERSTOOD = 71;

/** A surrogate on its own, as JSON.stringify writes it; in group 1 backslashes that are a text's own. */
const HALF_CHARACTER = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g;

class Channel {
  #requests;
  #answers;
  #claims;
  #nonce = "";
  #claim = Buffer.alloc(4);
  #held = 0;

  /**
   * @param {{ requests: number, answers: number, claims: number }} descriptors
   */
  constructor({ requests, answers, claims }) {
    this.#requests = requests;
    this.#answers = answers;
    this.#claims = claims;
  }

  /** @param {string} nonce what every answer begins with */
  authenticate(nonce) {
    this.#nonce = nonce;
  }

  /**
   * Pass on every line that comes in, and end the process when the tenant closes its end.
   *
   * @param {(line: string) => void} receive
   */
  listen(receive) {
    const socket = new Socket({ fd: this.#requests, readable: true, writable: false });
    let rest = "";
    socket.setEncoding("utf8");
    socket.on("data", (/** @type {string} */ chunk) => {
      let start = 0;
      for (let end = chunk.indexOf("\n"); end !== -1; end = chunk.indexOf("\n", start)) {
        const line = rest + chunk.slice(start, end);
        rest = "";
        start = end + 1;
        receive(line);
      }
      rest += chunk.slice(start);
    });
    socket.on("end", () => exit(0));
    socket.on("error", () => exit(TENANT_GONE));
  }

  /**
   * Answer with one line. The pipe blocks, so that a line is never left half written.
   *
   * @param {string} json
   */
  send(json) {
    // Half a character (of an emoji that was cut in two, say) is no text outside JavaScript.
    const whole = json.includes("\\ud") ? json.replace(HALF_CHARACTER, "$1\\ufffd") : json;
    const line = `${this.#nonce}${whole}\n`;
    try {
      const written = writeSync(this.#answers, line);
      const bytes = Buffer.byteLength(line);
      for (let from = written; from < bytes; ) {
        from += writeSync(this.#answers, Buffer.from(line).subarray(from));
      }
    } catch {
      exit(TENANT_GONE);
    }
  }

  /** End the process, so that every execution in it fails. */
  close() {
    exit(MISUNDERSTOOD);
  }

  /** @param {Record<string, unknown>} answer */
  answer(answer) {
    this.send(stringify(answer));
  }

  /**
   * Take the right to start an execution. There is one claim of four bytes for each execution, in order; while this worker is
   * blocked, the tenant takes those of the executions that it has not started and gives these executions to another worker.
   *
   * @param {number} execution
   * @returns {boolean} false: somebody else runs it
   */
  claim(execution) {
    if (this.#held === 0) {
      try {
        if (readSync(this.#claims, this.#claim, 0, 4, null) === 4) this.#held = this.#claim.readUInt32LE(0);
      } catch {
        return false; // EAGAIN: all claims are taken
      }
    }
    if (this.#held !== execution) return false;
    this.#held = 0;
    return true;
  }
}

exports.Channel = Channel;
