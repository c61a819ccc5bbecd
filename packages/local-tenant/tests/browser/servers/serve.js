// What the servers of the tests share: packages of npm, and a free port that is known before the application is made.
"use strict";

const http = require("node:http");
const path = require("node:path");

/**
 * A package of package-lock.json.
 * @param {string} name
 * @returns {any}
 */
exports.load = (name) => require(path.join(process.env.PACKAGES ?? "", name));

/** The application's client, as `local-tenant env` and `local-tenant status` show it. */
exports.settings = {
  domain: process.env.AUTH0_DOMAIN ?? "",
  clientId: process.env.APPLICATION_CLIENT_ID ?? "",
  clientSecret: process.env.APPLICATION_CLIENT_SECRET ?? "",
};

/**
 * Serve an application, and print its address once it answers.
 * @param {(url: string) => unknown} makeApplication returns an Express application, or a promise of one
 */
exports.serve = (makeApplication) => {
  const server = http.createServer();
  server.listen(0, "localhost", async () => {
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    const url = `http://localhost:${port}`;
    server.on("request", /** @type {http.RequestListener} */ (await makeApplication(url)));
    console.log(url);
  });
};
