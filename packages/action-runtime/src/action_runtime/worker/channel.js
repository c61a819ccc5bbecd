"use strict";

/**
 * The worker's three descriptors to the tenant, none of which is stdout: requests come in as lines of JSON in ASCII,
 * answers go out as lines of JSON behind a nonce, and claims decide which of two workers runs an execution.
 *
 * An Action never sees the nonce, so what it writes, to whatever descriptor, is not an answer: lines are sent by functions
 * that were taken before any Action was loaded, and pass no Buffer, whose memory Actions share.
 */

const { readSync, writeSync } = require("node:fs");
const { Socket } = require("node:net");

const {
  BufferLatin1Slice,
  JSONStringify,
  ReflectApply,
  StringCharCodeAt,
  StringEndsWith,
  StringIndexOf,
  StringSlice,
  IntrinsicUint8Array,
  close,
  define,
  detach,
} = require("./primordials.js");

const reallyExit = Reflect.get(process, "reallyExit");

/** @param {number} code */
const exit = (code) => ReflectApply(reallyExit, process, [code]);

/** The tenant is gone; an exit code that no Action can choose. */
const TENANT_GONE = 70;
/** What the tenant sent cannot be understood. */
const MISUNDERSTOOD = 71;

/** Bytes; more than any size of a read. */
const BUFFER = 2_097_152;
const LINE_END = 10;
/** UTF-16 units of one write: at most 4,096 bytes, which a pipe takes as a whole (PIPE_BUF). */
const PART = 1024;

class Channel {
  #requests;
  #answers;
  #claims;
  #readSize;
  #nonce = "";
  // Node asks for its length, which is a getter of a prototype.
  #claim = define(new IntrinsicUint8Array(4), "byteLength", 4);
  #held = 0;

  /**
   * @param {object} numbers
   * @param {number} numbers.requests descriptor
   * @param {number} numbers.answers descriptor
   * @param {number} numbers.claims descriptor
   * @param {number} numbers.readSize bytes; under a filter of system calls, a read of another size ends the process
   */
  constructor({ requests, answers, claims, readSize }) {
    this.#requests = requests;
    this.#answers = answers;
    this.#claims = claims;
    this.#readSize = readSize;
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
    let rest = "";
    /**
     * @param {number} count of bytes
     * @param {Uint8Array} buffer
     */
    const callback = (count, buffer) => {
      let start = 0;
      for (let index = 0; index < count; index++) {
        if (buffer[index] !== LINE_END) continue;
        const line = rest + BufferLatin1Slice(buffer, start, index);
        rest = "";
        start = index + 1;
        receive(line);
      }
      rest += BufferLatin1Slice(buffer, start, count);
      return true;
    };
    // A socket with its own buffer passes what it reads to the callback, past streams.
    // The size of its memory is always the same, since Actions can find out how much a worker has.
    const buffer = new IntrinsicUint8Array(new ArrayBuffer(BUFFER), 0, this.#readSize);
    const onread = { buffer, callback };
    const socket = new Socket({ fd: this.#requests, readable: true, writable: false, onread });
    socket.on("end", () => exit(0));
    socket.on("error", () => exit(TENANT_GONE));
    socket.read(0);
    detach(socket);
  }

  /**
   * Answer with one line. The pipe blocks, so that a line is never left half written.
   *
   * @param {string} json
   */
  send(json) {
    const line = `${this.#nonce}${wellFormed(json)}\n`;
    try {
      for (let from = 0; from < line.length; ) {
        const last = from + PART - 1;
        const cutsPair = last < line.length && isHigh(StringCharCodeAt(line, last));
        const to = cutsPair ? last : last + 1;
        writeSync(this.#answers, StringSlice(line, from, to));
        from = to;
      }
    } catch {
      exit(TENANT_GONE);
    }
  }

  /** End the process, so that every execution in it fails. */
  close() {
    exit(MISUNDERSTOOD);
  }

  /** @param {Record<string, unknown>} answer of primitives alone */
  answer(answer) {
    this.send(JSONStringify({ __proto__: null, ...answer }));
  }

  /**
   * Take the right to start an execution. There is one claim of four bytes for each, in order; while this worker is
   * blocked, the tenant takes those that have not started and gives them to another worker.
   *
   * @param {number} execution
   * @returns {boolean} false: another worker runs it
   */
  claim(execution) {
    const claim = this.#claim;
    if (this.#held === 0) {
      try {
        if (readSync(this.#claims, claim, 0, 4, null) === 4) {
          const low = (claim[0] ?? 0) + (claim[1] ?? 0) * 0x100;
          this.#held = low + (claim[2] ?? 0) * 0x10000 + (claim[3] ?? 0) * 0x1000000;
        }
      } catch {
        return false; // EAGAIN: all claims are taken
      }
    }
    if (this.#held !== execution) return false;
    this.#held = 0;
    return true;
  }
}

/** @param {number} unit of UTF-16 */
function isHigh(unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/**
 * JSON without lone surrogates, which are no text outside JavaScript (half of an emoji that was cut in two, say).
 * JSON.stringify writes them as `\udXXX`; after an even number of backslashes that is a text's own.
 *
 * @param {string} json
 */
function wellFormed(json) {
  let whole = "";
  let copied = 0;
  for (let at = StringIndexOf(json, "\\ud"); at !== -1; at = StringIndexOf(json, "\\ud", at + 1)) {
    let backslashes = 0;
    while (StringEndsWith(json, "\\", at - backslashes) && at - backslashes > copied) backslashes++;
    if (backslashes % 2 === 1 || !isSurrogate(json, at + 3)) continue;
    whole += `${StringSlice(json, copied, at)}\\ufffd`;
    copied = at + 6;
  }
  return copied === 0 ? json : whole + StringSlice(json, copied);
}

/**
 * @param {string} json
 * @param {number} at the digit after `\ud`
 */
function isSurrogate(json, at) {
  const digit = json[at] ?? "";
  return digit === "8" || digit === "9" || (digit >= "a" && digit <= "f");
}

close(Channel);

exports.Channel = Channel;
