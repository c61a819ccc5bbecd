"""What `pulumi up` deploys: the stack's settings, the guards on them, and the component resource."""
