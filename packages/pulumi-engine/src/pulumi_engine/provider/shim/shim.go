// Package shim hands out Auth0's Terraform provider, which its own module keeps internal.
package shim

import (
	"github.com/auth0/terraform-provider-auth0/internal/provider"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// NewProvider gives the upstream provider with all its resources and data sources.
func NewProvider() *schema.Provider {
	return provider.New()
}
