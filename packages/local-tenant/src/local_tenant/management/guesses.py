"""What nobody outside Auth0 knows of the Management API's Actions part, and what was chosen.

One rule stands behind most of it: where Auth0 may be lenient or strict, this tenant is whichever shows a mistake in the
program or its callers sooner.
"""

from __future__ import annotations

from local_tenant.basis import Guess
from local_tenant.management.user_guesses import GUESSES as USER_GUESSES

_SOONER = "a caller that relies on the other meets it here first"
_SHAPE = "shape and status as with an Action's 404, which is recorded"

GUESSES = (
    *USER_GUESSES,
    # Actions
    Guess("Two Actions of one name", "allowed", "whoever takes a name for an identity meets the trouble here first"),
    Guess("The order of the list of Actions", "oldest first", "it never changes by itself"),
    Guess("The order of an Action's versions", "newest first", "as recorded for the versions of modules"),
    Guess("The order of secrets", "by name", "recorded is only that the order of the request is not kept"),
    Guess("The longest name of an Action or a module", "255 characters, at least 1", "no real name is refused"),
    Guess("How the 100 kB of code are counted", "100,000 bytes of UTF-8; more is a 400", _SOONER),
    Guess("The 101st Action", "403 `too_many_entities`", "as the limits of other entities are answered"),
    Guess("A secret name that comes twice", "400 `invalid_body`", "one of the two values would be lost silently"),
    Guess("`null` for a key that may be left out", "400 `invalid_body`", _SOONER),
    Guess("A trigger without a version", "the trigger's current version", "the SDK's own example leaves it out"),
    Guess("A trigger or version that does not exist", "400 `invalid_body`, a text of our own", _SOONER),
    Guess("A module version that does not exist", "400 `invalid_body`, a text of our own", _SOONER),
    Guess(
        "Whether name and triggers count for `all_changes_deployed`", "no", "recorded are code and what goes with it"
    ),
    Guess("How long a build takes without dependencies", "about 40 ms, in two steps", "a client can meet each state"),
    Guess(
        "How often a failing build is tried", "twice, `retrying` in between", "the state is recorded, the number not"
    ),
    # Deployment
    Guess("Deploying a failed draft", "400, as for any draft that is not built", "it fits the quoted text"),
    Guess(
        "`deploy: true` with a build that fails", "the version stays deployed and `failed`", "nothing else is recorded"
    ),
    Guess("Deploying a version that is not built", "400, a text like the draft's", "what did not build cannot run"),
    Guess(
        "The draft after a rollback with `update_draft`", "`built`, `updated_at` moved", "its content was built before"
    ),
    Guess(
        "Deleting the oldest version beyond 50",
        "at the deployment that makes one too many",
        "only the 50 are documented",
    ),
    # Bindings
    Guess("Binding an Action that does not exist", "404 `That action does not exist.`", "as GET answers"),
    Guess("Binding by a name that several Actions have", "400, a text of our own", "any choice would be arbitrary"),
    Guess("The end of the text for an Action not deployed", "`… yet.`", "the quotation stops at `yet`"),
    Guess("One Action twice in a flow", "allowed, runs twice", "nothing forbids it"),
    Guess("A binding's `display_name` left out", "the Action's name", "clients show it"),
    Guess("`secrets` in a binding", "400 `invalid_body`", "the SDK names the key, but nobody tells what it does"),
    Guess("Bindings for an entity-bound trigger", "400, a text of our own", "it has no flow"),
    Guess("More than 20 bindings", "400 `invalid_body`", "the number is documented, the answer not"),
    Guess("Other triggers of an Action while it is bound", "allowed; its bindings stay", "nothing forbids it"),
    Guess("The bindings left by `?force=true`", "keep their ids", "only a PATCH is recorded to renew them"),
    # Modules
    Guess(
        "Texts of the 409 for a module's name and of the 412 for one in use", "our own", "only the SDK's statuses tell"
    ),
    Guess(
        "Whether rewritten, equal secrets count for `all_changes_published`", "no", "contents are compared for Actions"
    ),
    Guess("Publishing a module that has not changed", "one more version", "as deploying an unchanged Action does"),
    # All of them
    Guess("Texts of the 404s for versions, triggers, bindings and modules", "like that for Actions", _SHAPE),
    Guess("`per_page` of 0 or over 100", "400 `invalid_query_string`", _SOONER),
    Guess("Keys of the query string that no endpoint knows", "ignored", "clients send `include_totals` everywhere"),
    Guess(
        "A body that is no JSON", "400 `Invalid request payload JSON format`", "as the framework behind the API says"
    ),
    Guess("The largest body", "4,000,000 bytes, else 413", "everything within the documented limits fits"),
    Guess(
        "Wording of `invalid_body` beyond the quoted pattern", "what is wrong and where", "as JSON schema validators do"
    ),
    Guess("A method that a path does not have", "404 `Not Found`, as for an unknown route", "the recorded answer"),
    Guess("No token at all on an unknown route", "401", "nothing is told to strangers"),
    Guess("`X-RateLimit-*` on answers other than 429", "left out", "clients only read them with a 429"),
)
