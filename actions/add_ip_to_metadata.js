/** @import { Event, PostLoginAPI } from "@auth0/actions/post-login/v3" */

/**
 * Records the client's IP as user_metadata.last_ip, on each login. Fraud scoring and analytics read it.
 *
 * @param {Event} event - Details about the user and the context in which they are logging in.
 * @param {PostLoginAPI} api - Interface whose methods can be used to change the behavior of the login.
 */
exports.onExecutePostLogin = async (event, api) => {
  const ip = event.request?.ip;

  // Writing nothing keeps the last IP that is known; writing null would delete it.
  if (typeof ip !== "string" || ip === "") return;

  api.user.setUserMetadata("last_ip", ip);
};
