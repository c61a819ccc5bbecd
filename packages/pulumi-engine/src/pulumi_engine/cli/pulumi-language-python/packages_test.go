package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// environment makes a project with a virtual environment in which each named package has a pulumi-plugin.json.
func environment(t *testing.T, files map[string]string) *pulumirpc.ProgramInfo {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		folder := filepath.Join(root, ".venv", "lib", "python3.11", "site-packages", name)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "pulumi-plugin.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	info := programWith(t, map[string]any{"toolchain": "pip", "virtualenv": ".venv"})
	info.RootDirectory, info.ProgramDirectory = root, root
	return info
}

func TestProvidersOfInstalledPackagesAreRequiredInOrderOfTheirNames(t *testing.T) {
	packages, err := requiredPackages(t.Context(), environment(t, map[string]string{
		"pulumi_b":    `{"resource": true, "name": "b", "version": "1.2.3", "server": "https://example.com"}`,
		"pulumi_a":    `{"resource": true, "name": "a", "version": "3.50.1"}`,
		"pulumi_none": `{"resource": false, "name": "none"}`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) != 2 || packages[0].Name != "a" || packages[1].Name != "b" {
		t.Fatalf("got %v", packages)
	}
	if packages[0].Version != "3.50.1" || packages[0].Kind != "resource" || packages[1].Server != "https://example.com" {
		t.Errorf("got %v", packages)
	}
}

func TestTwoPackagesOfOneParameterizedProviderAreBothRequired(t *testing.T) {
	parameterized := func(name string) string {
		return `{"resource": true, "name": "bridge", "version": "1.0.0",
			"parameterization": {"name": "` + name + `", "version": "2.0.0", "value": "aGk="}}`
	}
	packages, err := requiredPackages(t.Context(), environment(t, map[string]string{
		"pulumi_x": parameterized("x"), "pulumi_y": parameterized("y"),
	}))
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) != 2 || packages[1].Parameterization.Name != "y" {
		t.Fatalf("got %v", packages)
	}
	if string(packages[0].Parameterization.Value) != "hi" {
		t.Errorf("the value is %q", packages[0].Parameterization.Value)
	}
}

func TestAPackageThatCannotBeReadIsNamed(t *testing.T) {
	for _, text := range []string{"{", `{"resource": true}`} {
		_, err := requiredPackages(t.Context(), environment(t, map[string]string{"pulumi_broken": text}))
		if err == nil || !strings.Contains(err.Error(), "pulumi_broken") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}
