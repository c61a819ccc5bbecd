"""What the Pulumi program would deploy, by running it without deploying.

The program is the only statement of what a tenant should hold. Its state is no substitute: that tells what was
deployed last. A preview is none either: it needs the state and the tenant, leaves out what has not changed, and hides
the values of secrets.
"""

from operations.program.plan import (
    ACTION,
    FLOW,
    PROVIDER,
    ActionPlan,
    FlowPlan,
    ProgramPlan,
    read_program,
    read_program_by_file,
)

__all__ = [
    "ACTION",
    "FLOW",
    "PROVIDER",
    "ActionPlan",
    "FlowPlan",
    "ProgramPlan",
    "read_program",
    "read_program_by_file",
]
