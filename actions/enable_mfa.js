/** @import { Event, PreUserRegistrationAPI } from "@auth0/actions/pre-user-registration/v2" */

/**
 * Marks each new user as one whose logins need MFA, before Auth0 creates the user.
 *
 * @param {Event} _event - Details about the context and user that is attempting to register.
 * @param {PreUserRegistrationAPI} api - Interface whose methods can be used to change the behavior of the signup.
 */
exports.onExecutePreUserRegistration = async (_event, api) => {
  // mfa_action reads this one on every login.
  api.user.setAppMetadata("auth_require_mfa", true);
  // Tracks the migration from the legacy MFA flows; no Action reads it.
  api.user.setAppMetadata("uses_new_mfa_action", true);
};
