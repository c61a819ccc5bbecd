/** Auth0's pre-user-registration trigger, version v2: what the Actions here use of it and the fields beside those. */

import type { Untrusted } from "./untrusted";

export type Event = Untrusted<DocumentedEvent>;

interface DocumentedEvent {
  client: { client_id: string; name: string; metadata: Record<string, string> };
  connection: { id: string; name: string; strategy: string };
  request: { body: Record<string, string>; ip: string; method: string };
  secrets: Record<string, string>;
  tenant: { id: string };
  /** Not created yet, so there is no user_id. */
  user: {
    app_metadata: Record<string, unknown>;
    user_metadata: Record<string, unknown>;
    email: string;
    username: string;
    name: string;
  };
}

/** Calls can be chained: those that ask for something return the api. A method needs its object. */
export interface PreUserRegistrationAPI {
  readonly access: {
    /** Refuses the sign-up: reason goes to the tenant's log, userMessage to the user. */
    deny(reason: string, userMessage: string): PreUserRegistrationAPI;
  };
  /** Writes are on the user when Auth0 creates it. */
  readonly user: {
    setAppMetadata(name: string, value: unknown): PreUserRegistrationAPI;
    setUserMetadata(name: string, value: unknown): PreUserRegistrationAPI;
    /** 1 to 255 letters, digits and @ . _ + -; the user's id is "auth0|" and this. */
    setUserId(userId: string): PreUserRegistrationAPI;
  };
}
