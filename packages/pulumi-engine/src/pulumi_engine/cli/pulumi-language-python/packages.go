package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// pluginFile is what each Python SDK of a provider carries: pulumi-plugin.json in the package's folder.
type pluginFile struct {
	Resource         bool   `json:"resource"` // false: the package has no provider, or must not be asked for it
	Name             string `json:"name"`
	Version          string `json:"version"`
	Server           string `json:"server"` // where the plugin can be downloaded, if not from Pulumi's own place
	Parameterization *struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		Value   []byte `json:"value"`
	} `json:"parameterization"`
}

// requiredPackages lists the providers of all SDKs installed in the program's environment, in the order of their names.
//
// It reads the environment's folders and starts no Python: the engine asks several times per command, and a start of
// Python costs more than all the rest of the answer. A package installed by a .pth file from elsewhere is not seen; the
// engine then learns of its provider when the program registers a resource.
func requiredPackages(ctx context.Context, info *pulumirpc.ProgramInfo) ([]*pulumirpc.PackageDependency, error) {
	tools, _, err := resolve(info)
	if err != nil {
		return nil, err
	}
	folders, err := sitePackages(ctx, tools)
	if err != nil {
		return nil, err
	}
	found := map[string]*pulumirpc.PackageDependency{}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*", "pulumi-plugin.json"))
		if err != nil {
			return nil, err
		}
		for _, path := range files {
			dependency, err := readPluginFile(path)
			if err != nil {
				return nil, err
			}
			if dependency != nil {
				found[packageName(dependency)] = dependency
			}
		}
	}
	packages := make([]*pulumirpc.PackageDependency, 0, len(found))
	for _, each := range found {
		packages = append(packages, each)
	}
	slices.SortFunc(packages, func(a, b *pulumirpc.PackageDependency) int {
		return cmp.Compare(packageName(a), packageName(b))
	})
	return packages, nil
}

// packageName tells packages apart; several may share one parameterized plugin.
func packageName(dependency *pulumirpc.PackageDependency) string {
	if parameterization := dependency.GetParameterization(); parameterization != nil {
		return parameterization.GetName()
	}
	return dependency.GetName()
}

// sitePackages are the folders in which the program's environment keeps its packages.
func sitePackages(ctx context.Context, tools toolchain.Toolchain) ([]string, error) {
	venv, err := tools.VirtualEnvPath(ctx)
	if err != nil {
		return nil, err
	}
	if venv != "" {
		return filepath.Glob(filepath.Join(venv, "lib", "python*", "site-packages"))
	}
	// pip without a virtual environment: only Python itself knows.
	command, err := tools.Command(ctx, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
	if err != nil {
		return nil, err
	}
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("asking Python where its packages are: %w", err)
	}
	return []string{strings.TrimSpace(string(output))}, nil
}

// readPluginFile gives nil for a package that has no provider.
func readPluginFile(path string) (*pulumirpc.PackageDependency, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file pluginFile
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	if !file.Resource {
		return nil, nil
	}
	if file.Name == "" {
		return nil, fmt.Errorf("%s names no plugin: install the package again", path)
	}
	dependency := &pulumirpc.PackageDependency{
		Name: file.Name, Kind: "resource", Version: file.Version, Server: file.Server,
	}
	if parameters := file.Parameterization; parameters != nil {
		dependency.Parameterization = &pulumirpc.PackageParameterization{
			Name: parameters.Name, Version: parameters.Version, Value: parameters.Value,
		}
	}
	return dependency, nil
}
