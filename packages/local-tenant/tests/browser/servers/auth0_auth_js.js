// auth0-auth-js: calls one method of its MFA client with the options of the command line, and prints what it returns.
"use strict";

const { load, settings } = require("./serve.js");

const { AuthClient } = load("@auth0/auth0-auth-js");

const [method = "", options = ""] = process.argv.slice(2);
const client = new AuthClient(settings);

/**
 * @param {unknown} outcome
 */
const print = (outcome) => console.log(JSON.stringify(outcome));

client.mfa[method](JSON.parse(options)).then(print, (/** @type {any} */ { cause }) => print({ error: cause }));
