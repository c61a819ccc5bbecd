// Command pulumi-resource-auth0 is the Auth0 provider plugin that the Pulumi engine starts.
//
// It is the same bridge around the same upstream as Pulumi's own release of the version it is stamped with. What it
// lacks is that release's full schema, which only code generation (`pulumi import`, `pulumi convert`) reads; programs
// bring the types of their resources with their SDK.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/auth0/terraform-provider-auth0/shim"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
)

const (
	name = "auth0"
	// longestName is the length to which automatic names are cut, as in Pulumi's release.
	longestName = 255
)

// version is set by the linker (-X main.version=…). The engine takes the plugin for the version that this says.
var version string

// provider describes the bridged provider with the settings of Pulumi's release; the tokens computed here must equal
// those of the Python SDK, or the engine would not know the resources.
func provider() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:                              shimv2.NewProvider(shim.NewProvider()),
		Name:                           name,
		Version:                        version,
		GitHubOrg:                      "auth0",
		MetadataInfo:                   tfbridge.NewProviderMetadata([]byte("{}")),
		EnableZeroDefaultSchemaVersion: true,
		EnableAccurateBridgePreview:    true,
		EnableRawStateDelta:            true,
	}
	info.MustComputeTokens(tokens.SingleModule("auth0_", "index", tokens.MakeStandard(name)))
	info.MustApplyAutoAliases()
	info.SetAutonaming(longestName, "-")
	return info
}

func main() {
	if version == "" {
		fmt.Fprintln(os.Stderr, "pulumi-resource-auth0 was built without a version: build it with `make engine`")
		os.Exit(1)
	}
	schema, err := json.Marshal(map[string]string{"name": name, "version": version})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	tfbridge.Main(name, version, provider(), schema)
}
