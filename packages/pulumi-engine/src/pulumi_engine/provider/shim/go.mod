// The name puts this module under the upstream's path, so that it may import the upstream's internal packages.
module github.com/auth0/terraform-provider-auth0/shim

go 1.25.0

require (
	github.com/auth0/terraform-provider-auth0 v1.54.1
	github.com/hashicorp/terraform-plugin-sdk/v2 v2.40.1
)
