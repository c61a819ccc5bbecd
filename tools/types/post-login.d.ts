/** Auth0's post-login trigger, version v3: what the Actions here use of it and the fields beside those. */

import type { Untrusted } from "./untrusted";

export type Event = Untrusted<DocumentedEvent>;

interface DocumentedEvent {
  client: { client_id: string; name: string; metadata: Record<string, string> };
  connection: { id: string; name: string; strategy: string };
  request: {
    /** The POST body of a token request, custom parameters included; a browser's login has its parameters in query. */
    body: { [parameter: string]: string; challengeRequired: string };
    query: Record<string, string>;
    ip: string;
    asn: string;
    method: string;
    hostname: string;
    language: string;
    user_agent: string;
  };
  secrets: { TEST_TENANT: string; INTEGRATION_TEST_DOMAIN: string; FORCE_MFA_DOMAIN: string };
  /** The current login counts: 1 is the user's first. */
  stats: { logins_count: number };
  tenant: { id: string };
  transaction: {
    /** "oauth2-refresh-token" when a refresh token is exchanged, "oauth2-password" in both password grants. */
    protocol: string;
    /** What Actions of this transaction have kept; empty at first. */
    metadata: Record<string, string | number | boolean>;
  };
  user: {
    app_metadata: { [key: string]: unknown; auth_require_mfa: boolean };
    user_metadata: { [key: string]: unknown; last_ip: string };
    user_id: string;
    email: string;
    email_verified: boolean;
    multifactor: string[];
    enrolledFactors: { type: string }[];
  };
}

type MultifactorProvider = "any" | "duo" | "google-authenticator" | "guardian" | "none";

interface MultifactorOptions {
  /** False by default. */
  allowRememberBrowser?: boolean;
  /** For the provider duo only. */
  providerOptions?: { host?: string; ikey?: string; skey?: string; username?: string };
}

/** Calls can be chained: those that ask for something return the api. A method needs its object. */
export interface PostLoginAPI {
  readonly access: {
    /** Ends the login and keeps later Actions from running; metadata set before is still written. */
    deny(reason: string): PostLoginAPI;
  };
  readonly multifactor: {
    /** Requires MFA at the end of the flow; "any" lets the user choose among the enrolled authenticators. */
    enable(provider: MultifactorProvider, options?: MultifactorOptions): PostLoginAPI;
  };
  /** Writes are merged at the root level, in one update at the end of the trigger; null deletes a key. */
  readonly user: {
    setAppMetadata(name: string, value: unknown): PostLoginAPI;
    setUserMetadata(name: string, value: unknown): PostLoginAPI;
  };
}
