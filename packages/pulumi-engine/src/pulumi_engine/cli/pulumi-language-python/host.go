package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/protobuf/types/known/emptypb"
)

// host answers the engine's calls. Code generation (`pulumi convert`, `pulumi package add`) is left unimplemented: the
// engine says so by itself when it is asked for.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	script   string          // path of pulumi-language-python-exec
	stopping context.Context // done when the whole host ends

	mu      sync.Mutex         // guards what follows
	engine  string             // the engine's gRPC address
	ongoing context.Context    // of the operations under way
	cancel  context.CancelFunc // ends them
}

func newHost(stopping context.Context, script, engine string) *host {
	h := &host{script: script, engine: engine, stopping: stopping}
	h.ongoing, h.cancel = context.WithCancel(stopping)
	return h
}

// operation gives a context that ends with the call, with the host, and when the engine cancels.
func (h *host) operation(call context.Context) (context.Context, context.CancelFunc) {
	h.mu.Lock()
	ongoing := h.ongoing
	h.mu.Unlock()
	ctx, cancel := context.WithCancel(call)
	detach := context.AfterFunc(ongoing, cancel)
	return ctx, func() {
		detach()
		cancel()
	}
}

func (h *host) engineAddress() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.engine
}

// Handshake is the engine's first call. It may name the engine's address anew.
func (h *host) Handshake(
	_ context.Context, req *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	if address := req.GetEngineAddress(); address != "" {
		h.mu.Lock()
		h.engine = address
		h.mu.Unlock()
	}
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

// GetPluginInfo tells the host's version, which is that of the SDK it was built from.
func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version.Version}, nil
}

// Cancel ends the operations under way; later ones are served again.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cancel()
	h.ongoing, h.cancel = context.WithCancel(h.stopping)
	return &emptypb.Empty{}, nil
}

// GetRequiredPackages names the providers that the packages in the program's environment need.
func (h *host) GetRequiredPackages(
	call context.Context, req *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	ctx, done := h.operation(call)
	defer done()
	packages, err := requiredPackages(ctx, req.GetInfo())
	if err != nil {
		return nil, err
	}
	return &pulumirpc.GetRequiredPackagesResponse{Packages: packages}, nil
}

// GetRequiredPlugins is what engines before GetRequiredPackages call.
func (h *host) GetRequiredPlugins(
	call context.Context, req *pulumirpc.GetRequiredPluginsRequest,
) (*pulumirpc.GetRequiredPluginsResponse, error) {
	ctx, done := h.operation(call)
	defer done()
	packages, err := requiredPackages(ctx, req.GetInfo())
	if err != nil {
		return nil, err
	}
	plugins := make([]*pulumirpc.PluginDependency, 0, len(packages))
	for _, each := range packages {
		plugins = append(plugins, &pulumirpc.PluginDependency{
			Name: each.Name, Kind: each.Kind, Version: each.Version, Server: each.Server,
		})
	}
	return &pulumirpc.GetRequiredPluginsResponse{Plugins: plugins}, nil
}

// InstallDependencies runs the project's package manager (`pulumi install`) and streams what it prints.
func (h *host) InstallDependencies(
	req *pulumirpc.InstallDependenciesRequest, stream pulumirpc.LanguageRuntime_InstallDependenciesServer,
) (err error) {
	ctx, done := h.operation(stream.Context())
	defer done()
	tools, _, err := resolve(req.GetInfo())
	if err != nil {
		return err
	}
	closer, stdout, stderr, err := rpcutil.MakeInstallDependenciesStreams(stream, req.GetIsTerminal())
	if err != nil {
		return err
	}
	// Closing waits until all output is sent, so it must come before the call returns; it happens once on each path.
	defer func() {
		if closing := closer.Close(); err == nil {
			err = closing
		}
	}()
	err = tools.InstallDependencies(
		ctx, req.GetInfo().GetProgramDirectory(), req.GetUseLanguageVersionTools(), true, stdout, stderr)
	if err != nil {
		return fmt.Errorf("installing the Python packages of %s: %w", req.GetInfo().GetProgramDirectory(), err)
	}
	return nil
}

// About tells which Python runs the program. The engine asks before every update, so the answer is read from the virtual
// environment's own record where there is one; only without it Python is started.
func (h *host) About(call context.Context, req *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	ctx, done := h.operation(call)
	defer done()
	tools, options, err := resolve(req.GetInfo())
	if err != nil {
		return nil, err
	}
	metadata := map[string]string{"toolchain": strings.ToLower(toolchain.Name(options.Toolchain))}
	if venv, err := tools.VirtualEnvPath(ctx); err == nil && venv != "" {
		if python := recordedPythonVersion(venv); python != "" {
			executable := filepath.Join(venv, "bin", "python")
			return &pulumirpc.AboutResponse{Executable: executable, Version: python, Metadata: metadata}, nil
		}
	}
	about, err := tools.About(ctx)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.AboutResponse{
		Executable: about.PythonExecutable, Version: about.PythonVersion.String(), Metadata: metadata,
	}, nil
}

// GetProgramDependencies lists the Python packages of the program (`pulumi about`).
func (h *host) GetProgramDependencies(
	call context.Context, req *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	ctx, done := h.operation(call)
	defer done()
	tools, _, err := resolve(req.GetInfo())
	if err != nil {
		return nil, err
	}
	installed, err := tools.ListPackages(ctx, req.GetTransitiveDependencies())
	if err != nil {
		return nil, err
	}
	dependencies := make([]*pulumirpc.DependencyInfo, 0, len(installed))
	for _, each := range installed {
		dependencies = append(dependencies, &pulumirpc.DependencyInfo{Name: each.Name, Version: each.Version})
	}
	return &pulumirpc.GetProgramDependenciesResponse{Dependencies: dependencies}, nil
}
