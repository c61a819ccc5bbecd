"""The exhaustive key lists of management-api.md, as recorded from real tenants, and checks against them."""

import re
import uuid
from typing import Any

ACTION = {
    "id",
    "name",
    "supported_triggers",
    "created_at",
    "updated_at",
    "code",
    "dependencies",
    "runtime",
    "status",
    "secrets",
    "all_changes_deployed",
}
DEPLOYED_ACTION = ACTION | {"current_version", "deployed_version"}
CURRENT_VERSION = {"id", "code", "runtime", "status", "number", "build_time", "created_at", "updated_at"}
VERSION = {
    "code",
    "dependencies",
    "id",
    "deployed",
    "number",
    "built_at",
    "secrets",
    "status",
    "created_at",
    "updated_at",
    "runtime",
    "supported_triggers",
}
ACTION_IN_VERSION = {"id", "name", "supported_triggers", "created_at", "updated_at", "all_changes_deployed"}
BINDING = {"id", "trigger_id", "action", "created_at", "updated_at", "display_name"}
ACTION_IN_BINDING = ACTION_IN_VERSION | {"current_version", "deployed_version"}
MODULE = {
    "id",
    "name",
    "code",
    "dependencies",
    "secrets",
    "all_changes_published",
    "actions_using_module_total",
    "created_at",
    "updated_at",
}
LATEST_MODULE_VERSION = {"id", "version_number", "code", "dependencies", "secrets"}
MODULE_VERSION = LATEST_MODULE_VERSION | {"module_id", "created_at"}
ACTION_OF_MODULE = {"action_id", "action_name", "module_version_id", "module_version_number"}
TRIGGER = {"id", "version", "status", "runtimes", "default_runtime", "binding_policy", "compatible_triggers"}

_TIMES = {"created_at", "updated_at", "built_at", "build_time"}


def assert_well_formed(value: Any, digits: int = 9) -> None:  # noqa: ANN401 - anything JSON can hold
    """Every timestamp within has that many fraction digits and ends in Z, every id is a uuid."""
    if isinstance(value, list):
        for item in value:
            assert_well_formed(item, digits)
    elif isinstance(value, dict):
        for key, member in value.items():
            if key in _TIMES:
                assert re.fullmatch(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{{digits}}}Z", member), (key, member)
            elif key == "supported_triggers":
                assert [set(trigger) for trigger in member] == [{"id", "version"}]
            elif key == "secrets":
                assert all(set(secret) == {"name", "updated_at"} for secret in member), member
                assert_well_formed(member, digits)
            elif key == "id":
                assert str(uuid.UUID(member)) == member
            else:
                assert_well_formed(member, digits)
