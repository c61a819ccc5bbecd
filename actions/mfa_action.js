/** @import { Event, PostLoginAPI } from "@auth0/actions/post-login/v3" */

/**
 * Decides on every login, by password and by refresh token alike, whether MFA is required.
 *
 * Any field of the event can be missing, or of another type than documented. A bypass holds only where the
 * event proves it: in doubt, the rules that require MFA decide.
 *
 * Secrets: TEST_TENANT (the tenant's name), INTEGRATION_TEST_DOMAIN and FORCE_MFA_DOMAIN (email domains).
 *
 * @param {Event} event - Details about the user and the context in which they are logging in.
 * @param {PostLoginAPI} api - Interface whose methods can be used to change the behavior of the login.
 */
exports.onExecutePostLogin = async (event, api) => {
  const domain = domainOfEmail(event.user?.email);
  const forceMfaDomain = domainName(event.secrets?.FORCE_MFA_DOMAIN);
  const integrationTestDomain = domainName(event.secrets?.INTEGRATION_TEST_DOMAIN);

  // Two names that are both missing are no match.
  const testTenant = event.secrets?.TEST_TENANT;
  const isTestTenant = isText(testTenant) && event.tenant?.id === testTenant;

  const isForceMfaAccount = domain !== null && domain === forceMfaDomain;

  // Without the secret nothing tells the force-MFA accounts apart, so nobody gets these bypasses.
  if (isTestTenant && forceMfaDomain !== null && !isForceMfaAccount) {
    const isRefresh = event.transaction?.protocol === "oauth2-refresh-token";
    if (isRefresh) return;

    const isIntegrationTestAccount = domain !== null && domain === integrationTestDomain;
    if (isIntegrationTestAccount) return;
  }

  // The count includes the current login. The first one belongs to the sign-up, which MFA must not interrupt.
  const loginsCount = event.stats?.logins_count;
  if (loginsCount === 0 || loginsCount === 1) return;

  const isForced = isTestTenant && isForceMfaAccount;
  const isRequiredByMetadata = isSet(event.user?.app_metadata?.auth_require_mfa);
  const isRequestedByClient = isSet(event.request?.body?.challengeRequired);
  if (!isForced && !isRequiredByMetadata && !isRequestedByClient) return;

  api.multifactor.enable("any");
};

/**
 * Whether a flag is set. A form sends text, so every value but false counts, "false" and "" too: in doubt, MFA.
 *
 * @param {unknown} flag
 */
const isSet = (flag) => flag !== undefined && flag !== null && flag !== false;

/**
 * @param {unknown} value
 * @returns {value is string}
 */
const isText = (value) => typeof value === "string" && value !== "";

/**
 * What follows the last @, or null. It is never shortened: neither sub.example.com nor example.com.evil.com may
 * pass for example.com.
 *
 * @param {unknown} email
 */
const domainOfEmail = (email) => (isText(email) ? domainName(/@([^@]*)$/.exec(email)?.[1]) : null);

/**
 * A domain in lower case, or null. ASCII letters only: toLowerCase() of the whole would turn the Kelvin sign into
 * k too, so that another domain could pass for this one.
 *
 * @param {unknown} domain
 */
const domainName = (domain) => (isText(domain) ? domain.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : null);
